"""Read the header of a Salesforce change event: what happened, to whom, when.

It stands in the value as `ChangeEventHeader`, or its facts in the record's Kafka headers, as two
connectors write them (salesforce-cdc.md sections 2 and 3).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from connector.cdc.lead_ids import lead_in_key
from connector.cdc.salesforce_body import untagged
from connector.cdc.salesforce_names import HEADER
from connector.cdc.wire import Reader
from connector.domain.record import Record
from connector.domain.revision import Position, Revision

_WILDCARD = "*"
_NOBODY = "000000000000000AAA"
"""The id that stands for none, where too much changed at once (overflow)."""

_LARGEST = 2**63 - 1
_DIGITS = len(str(_LARGEST))
_IN_SOURCE = {  # Confluent's Source V2
    "entityName": "source.entity",
    "changeType": "source.operation",
    "commitTimestamp": "source.commit.timestamp",
    "sequenceNumber": "source.sequence.number",
    "changedFields": "source.changed.fields",
    "nulledFields": "cdc.nulled.fields",
}
_IN_SF = {  # OSO's connector
    "entityName": "sf.entity",
    "changeType": "sf.change.type",
    "commitTimestamp": "sf.commit.timestamp",
    "commitNumber": "sf.commit.number",
    "changedFields": "sf.changed.fields",
    "nulledFields": "sf.nulled.fields",
}
_KINDS = {"INSERT": "CREATE"}
"""Words of other writers for a `changeType`."""


@dataclass(frozen=True, slots=True)
class EventHeader:
    """What a change event says of itself.

    `ids` are the records that it names, each once, in its order; `wildcard` that it names more by
    a pattern, `damaged` that an id is none. `changed` is None where the writer does not tell.
    """

    entity: str
    kind: str
    ids: tuple[str, ...]
    wildcard: bool
    damaged: bool
    changed: tuple[str, ...] | None
    nulled: tuple[str, ...]
    diffed: tuple[str, ...]
    revision: Revision


def header_in(value: Mapping[str, object]) -> EventHeader | None:
    """Return the header that stands in the value, None where there is none."""
    header = untagged(value.get(HEADER))
    return _header(header, header.get("recordIds")) if isinstance(header, dict) else None


def header_beside(record: Record, value: Mapping[str, object], read: Reader) -> EventHeader | None:
    """Return the header whose facts stand in the record's Kafka headers, None for none.

    The id is the row's `Id`, else that of the key: by itself, or a struct with `Id`.
    """
    told = {name: data.decode("utf-8", "replace") for name, data in record.headers if data}
    for names in (_IN_SOURCE, _IN_SF):
        if names["changeType"] in told:
            facts = {name: told[header] for name, header in names.items() if header in told}
            identity = value.get("Id") or lead_in_key(record.key, "Id", read, bare=True)
            return _header(facts, identity)
    return None


def _header(facts: Mapping[str, object], ids: object) -> EventHeader:
    named = [ids] if isinstance(ids, str) else ids if isinstance(ids, list) else []
    whole = [each for each in named if isinstance(each, str) and _is_id(each)]
    wildcard = any(isinstance(each, str) and each.endswith(_WILDCARD) for each in named)
    kind = _text(facts.get("changeType"))
    return EventHeader(
        entity=_text(facts.get("entityName")),
        kind=_KINDS.get(kind, kind),
        ids=tuple(dict.fromkeys(each for each in whole if each != _NOBODY)),
        wildcard=wildcard,
        damaged=len(whole) < len(named),
        changed=_listed(facts.get("changedFields")),
        nulled=_listed(facts.get("nulledFields")) or (),
        diffed=_listed(facts.get("diffFields")) or (),
        revision=_revision(facts),
    )


def _is_id(text: str) -> bool:
    """Say whether *text* can be a record id: 18 letters and digits, or the 15 in front of them."""
    return len(text) in (15, 18) and text.isascii() and text.isalnum()


def _revision(facts: Mapping[str, object]) -> Revision:
    """Return commit number and place in the transaction, with the time of the change.

    Where the writer tells no number, time and place are all the order that there is.
    """
    time = _integer(facts.get("commitTimestamp"))
    number = _integer(facts.get("commitNumber"))
    place = _integer(facts.get("sequenceNumber"))
    if number is not None:
        return Revision(Position("sfdc", (number, place or 0)), time)
    if time is not None and place is not None:
        return Revision(Position("sfdc_time", (time, place)), time)
    return Revision(commit_time=time)


def _integer(value: object) -> int | None:
    """Return an integer that may be written as text, or as the double a bridge made of it."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _DIGITS:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if abs(value) <= _LARGEST else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _listed(value: object) -> tuple[str, ...] | None:
    """Return a list of names, which Kafka headers hold as JSON or with commas between them."""
    if isinstance(value, str):
        value = _parsed(value) if value.startswith("[") else value.split(",")
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        return None
    return tuple(each.strip() for each in value if each.strip())


def _parsed(text: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text[1:].removesuffix("]").split(",")
