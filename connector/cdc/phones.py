"""Bring phone numbers to E.164."""

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from connector.domain.ids import PhoneNumber

_REMEMBERED = 65_536
"""Texts kept: about 15 MB. A parse costs 30 to 100 µs, the dearest step of a record."""

NORTH_AMERICAN = re.compile(r"\+1[2-9][0-9]{9}")
"""A North American number in E.164: ten digits, and no area code begins with 0 or 1 (those begin
prefixes). The library says the same, always (a property test holds it)."""

WRITTEN_AT_HOME = re.compile(r"\(?([2-9][0-9]{2})\)?[ .-]?([0-9]{3})[ .-]?([0-9]{4})")
"""The same as people in the US and Canada write it: `(212) 555-0101`, `212.555.0101`."""

AT_HOME = frozenset({"US", "CA"})


class PhoneReader:
    """Reader of numbers as people write them; those without a country code are of one region.

    Each text is parsed once while it is remembered. Personal data: no repr.
    """

    __slots__ = ("_region", "read")

    def __init__(self, default_region: str, remembered: int = _REMEMBERED) -> None:
        self._region = default_region
        self.read = lru_cache(maxsize=remembered)(self._parse)

    def _parse(self, text: str) -> PhoneNumber | None:
        """Return the number in E.164, None where the library calls it impossible.

        *Possible*, not *valid*: number plans change faster than releases of the library
        (design.md section 4). Extensions fall away: E.164 has none.
        """
        if NORTH_AMERICAN.fullmatch(text):
            return PhoneNumber(text)
        if self._region in AT_HOME and (parts := WRITTEN_AT_HOME.fullmatch(text)):
            return PhoneNumber(f"+1{parts[1]}{parts[2]}{parts[3]}")
        return self._parse_any(text)

    def _parse_any(self, text: str) -> PhoneNumber | None:
        try:
            number = phonenumbers.parse(text, self._region)
        except NumberParseException:
            return None
        if not phonenumbers.is_possible_number(number):
            return None
        return PhoneNumber(phonenumbers.format_number(number, PhoneNumberFormat.E164))

    def __repr__(self) -> str:
        return f"PhoneReader({self._region})"
