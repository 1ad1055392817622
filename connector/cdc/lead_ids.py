"""Find the lead id in rows, keys and the headers of a key change."""

from decimal import Decimal

from connector.cdc.cells import InexactError, Struct, digits_of
from connector.cdc.wire import (
    MAGIC,
    Datum,
    Reader,
    UndecodableError,
    read_json,
    read_json_exactly,
)
from connector.domain.ids import LeadId
from connector.domain.record import Headers

NEW_KEY = "__debezium.newkey"
"""Header of a delete, and of its tombstone, that is half of a key change: the key after it."""

_BROKEN = "\N{REPLACEMENT CHARACTER}"
LONGEST_ID = 4_096
"""Characters. The id is the key of all that we write about a lead, and part of it: one as long as
its record would be refused by our topics, and stop the worker. No contact takes more than 512.
"""

_EXACT_DOUBLES = 2**53
"""Below it a double holds every integer."""


def lead_in(row: Struct, name: str) -> LeadId | None:
    """Return the lead that the field *name* of a row names, None for nothing or no id.

    An id is text or an integer. One that was broken on its way (U+FFFD) could be that of two
    people, and one of more than `LONGEST_ID` characters is no id: they are none.

    Raises:
        InexactError: it is a large integer that was read as a double.
    """
    value = row.values.get(name)
    if isinstance(value, float) and name in row.texts:
        value = Decimal(row.text(name) or "NaN")  # the schema says that it is a double: exact
    if isinstance(value, float | Decimal):
        return _whole(value)
    if value is None or isinstance(value, bool | list):
        return None
    if isinstance(value, dict) and name not in row.texts:
        return None
    return _lead(row.text(name))


def lead_in_key(key: bytes | None, name: str, read: Reader, *, bare: bool) -> LeadId | None:
    """Return the lead that a record's key names, None where it names none.

    A key is a struct with the field *name*; where *bare* says so, it may also be the id by
    itself, as text or JSON. One in Confluent's framing is read by *read*, whatever the value is:
    keys and values have converters of their own.

    Raises:
        SchemaWantedError: nothing is known of its schema yet.
    """
    if key is None:
        return None
    if key[:1] == MAGIC:
        return _framed(key, name, read, bare=bare)
    try:
        datum = read_json(key)
        struct = datum.struct()
        if struct is not None:
            return _named(struct, key, name)
    except UndecodableError:
        return _plain(key) if bare else None
    return _scalar(datum, key) if bare else None


def moved_to(headers: Headers, name: str) -> LeadId | None:
    """Return the lead that a deleted one became, None where no header names one."""
    for header, value in headers:
        if header == NEW_KEY:
            return lead_in_key(value, name, read_json, bare=False)
    return None


def key_changed(headers: Headers) -> bool:
    """Say whether the record is the leaving half of a key change, or its tombstone."""
    return any(header == NEW_KEY for header, _ in headers)


def _framed(key: bytes, name: str, read: Reader, *, bare: bool) -> LeadId | None:
    try:
        datum = read(key)
        struct = datum.struct()
        if struct is None and bare:
            struct = Struct({name: datum.value})
        return None if struct is None else lead_in(struct, name)
    except (UndecodableError, InexactError):  # a double by itself is no id
        return None


def _named(struct: Struct, key: bytes, name: str) -> LeadId | None:
    try:
        return lead_in(struct, name)
    except InexactError:
        exact = read_json_exactly(key).struct()
        return None if exact is None else lead_in(exact, name)


def _scalar(datum: Datum, key: bytes) -> LeadId | None:
    value = datum.value
    if value is None or isinstance(value, list):
        return None
    if isinstance(value, bool | float):
        return _plain(key)
    return _lead(str(value))


def _plain(key: bytes) -> LeadId | None:
    """Return a key that is the id itself: digits with zeros in front are no JSON, yet an id."""
    try:
        text = key.decode()
    except UnicodeDecodeError:
        return None
    return None if text.lstrip()[:1] in {"{", "["} else _lead(text)


def _whole(number: float | Decimal) -> LeadId | None:
    """Return an integer that a source of doubles wrote with a fraction of zero."""
    if isinstance(number, float):
        if abs(number) >= _EXACT_DOUBLES:
            raise InexactError
        number = Decimal(repr(number))
    if not number.is_finite():
        return None
    digits, _, fraction = digits_of(number).partition(".")
    return None if fraction.strip("0") else _lead(digits)


def _lead(text: str | None) -> LeadId | None:
    if text is None or not text.strip() or _BROKEN in text or len(text) > LONGEST_ID:
        return None
    return LeadId(text)
