"""Read the text of a source field as a number or as an instant."""

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation

_FRACTION = re.compile(r"(?<=:\d\d)[.,](\d+)")


def number_of(text: str) -> Decimal | None:
    """Return the finite number that *text* is, None where it is none."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def instant_of(text: str) -> Decimal | None:
    """Return the instant that *text* names (RFC 3339, or a form of ISO 8601 like it), in seconds
    and to the last digit; a time without a zone is taken as UTC.

    The seconds count from the first day of the calendar: only their differences mean something.
    """
    fraction = _FRACTION.search(text)
    whole = text if fraction is None else text[: fraction.start()] + text[fraction.end() :]
    try:
        at = datetime.fromisoformat(whole.strip().upper())
    except ValueError:
        return None
    day = at.toordinal() * 86_400 + at.hour * 3_600 + at.minute * 60 + at.second
    shift = at.utcoffset()
    seconds = Decimal(day) - (Decimal(int(shift.total_seconds())) if shift is not None else 0)
    return seconds + (Decimal() if fraction is None else Decimal(f"0.{fraction[1]}"))
