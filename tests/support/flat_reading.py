"""What a flat record says, read by the tests' own eyes from its bytes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import phonenumbers

from tests.support.scene import ListScene, Scene, Terms

CELL_MAX = 512
"""Longest value of a cell (genesys-api.md section 3.4)."""
TRUE_TEXTS = ("true", "t", "1", "yes")
"""What `true` in the settings matches beside true and 1 (contract.md section 3)."""


class Kind(StrEnum):
    """What a record is to the connector."""

    BROKEN = "broken"
    TOMBSTONE = "tombstone"
    OPT_OUT = "opt_out"
    QUARANTINE = "quarantine"
    UPSERT = "upsert"


@dataclass(frozen=True, slots=True)
class Reading:
    """One record, understood.

    `fault` is the reason of its dead letter; an opt-out with one is honoured all the same.
    `cells` are its contact rows by list id, named columns only.
    """

    kind: Kind
    lead: str | None = None
    fault: str | None = None
    revision: int | None = None
    numbers: frozenset[str] = frozenset()
    dropped: bool = False
    routes: frozenset[str] = frozenset()
    cells: Mapping[str, dict[str, str]] | None = None


@lru_cache(maxsize=100_000)
def e164(text: str) -> str | None:
    """Bring a number of the USA to E.164, or None where it is impossible."""
    try:
        number = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def read(scene: Scene, key: bytes | None, value: bytes | None) -> Reading:
    """Understand one record of *scene*."""
    if value is None:
        return Reading(Kind.TOMBSTONE, lead=None if key is None else key.decode())
    row = _row(value)
    if row is None:
        return Reading(Kind.BROKEN, fault="undecodable")
    lead = row.get("lead_id")
    if not isinstance(lead, str) or not lead:
        return Reading(Kind.BROKEN, fault="lead_id_missing")
    return _understood(scene, lead, row)


def _row(value: bytes) -> dict[str, object] | None:
    try:
        row = json.loads(value)
    except ValueError:
        return None
    return row if isinstance(row, dict) else None


def _understood(scene: Scene, lead: str, row: dict[str, object]) -> Reading:
    given = {column: _text(row.get(field)) for column, field in scene.phones.items()}
    parsed = {column: e164(text) for column, text in given.items() if text}
    numbers = frozenset(number for number in parsed.values() if number)
    dropped = len(numbers) < len(parsed) and None in parsed.values()
    rows = {each.id: _cells(each, lead, row, parsed) for each in scene.lists}
    fault = _fault(rows, no_number_left=bool(parsed) and not numbers)
    if matches(scene.opt_out, row):
        kind = Kind.OPT_OUT
    elif fault:
        kind = Kind.BROKEN
    else:
        kind = Kind.QUARANTINE if matches(scene.quarantine, row) else Kind.UPSERT
    revision = row.get(scene.revision) if scene.revision else None
    return Reading(
        kind,
        lead,
        fault,
        revision if isinstance(revision, int) else None,
        numbers,
        dropped,
        frozenset(each.id for each in scene.lists if _belongs(each, row)),
        rows,
    )


def _cells(
    each: ListScene, lead: str, row: dict[str, object], parsed: Mapping[str, str | None]
) -> dict[str, str]:
    cells = {"CRM_Lead_ID": lead}
    for column, field in each.mapped.items():
        cells[column] = (parsed[column] or "") if column in parsed else _text(row.get(field))
    return cells


def _fault(rows: Mapping[str, Mapping[str, str]], *, no_number_left: bool) -> str | None:
    if any(len(text) > CELL_MAX for row in rows.values() for text in row.values()):
        return "value_too_long"
    return "phone_invalid" if no_number_left else None


def _belongs(each: ListScene, row: dict[str, object]) -> bool:
    wanted = all(matches({field: values}, row) for field, values in each.when.items())
    return wanted and not matches(each.unless, row)


def matches(terms: Terms, row: Mapping[str, object]) -> bool:
    """Tell whether any field of *terms* has one of its values in *row*."""
    return any(
        _equal(row.get(field), value) for field, values in terms.items() for value in values
    )


def _equal(held: object, wanted: object) -> bool:
    if wanted is True:
        return held is True or _text(held).strip().casefold() in TRUE_TEXTS
    return held is not None and _text(held).strip().casefold() == _text(wanted).strip().casefold()


def _text(value: object) -> str:
    return "" if value is None else str(value)
