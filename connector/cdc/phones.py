"""Bring phone numbers to E.164."""

from decimal import Decimal
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from connector.cdc.cells import digits_of
from connector.domain.ids import PhoneNumber

_REMEMBERED = 65_536
"""Texts kept: about 15 MB. A parse costs 70 to 100 µs, the dearest step of a record."""

_LONGEST = 64
"""Characters of a text that is remembered: notes in a number's column would fill the memory."""


class PhoneReader:
    """Reader of numbers as people write them; those without a country code are of one region.

    Each text is parsed once while it is remembered. Personal data: no repr.
    """

    __slots__ = ("_region", "_remembered")

    def __init__(self, default_region: str, remembered: int = _REMEMBERED) -> None:
        self._region = default_region
        self._remembered = lru_cache(maxsize=remembered)(self._parse)

    def read(self, text: str) -> PhoneNumber | None:
        """Return the number in E.164, None where *text* is none."""
        return self._parse(text) if len(text) > _LONGEST else self._remembered(text)

    def _parse(self, text: str) -> PhoneNumber | None:
        """Return the number in E.164, None where the library calls it impossible.

        *Possible*, not *valid*: number plans change faster than releases of the library
        (design.md section 4). Extensions fall away: E.164 has none.
        """
        try:
            number = phonenumbers.parse(text, self._region)
        except NumberParseException:
            return None
        if not phonenumbers.is_possible_number(number):
            return None
        return PhoneNumber(phonenumbers.format_number(number, PhoneNumberFormat.E164))

    def __repr__(self) -> str:
        return f"PhoneReader({self._region})"


def dialled(text: str, value: object) -> str:
    """Return the digits of a number that was written as a decimal: `2125550101.0`."""
    if isinstance(value, Decimal):
        return digits_of(value).partition(".")[0]
    return text
