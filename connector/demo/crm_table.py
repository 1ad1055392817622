"""Keep the table of an invented CRM, and write its changes as Debezium does for PostgreSQL.

The shape of a record is the one that Debezium 3.6 writes as JSON without schemas from a table
with REPLICA IDENTITY FULL: before and after whole, a source block with position and commit
time, a tombstone behind each delete.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Row = dict[str, object]
Header = tuple[str, bytes]


class Kind(StrEnum):
    """What a record was made to show."""

    NEW = "new"
    EDIT = "edit"
    NO_EFFECT = "no_effect"
    DISQUALIFIED = "disqualified"
    OPT_OUT = "opt_out"
    TAKEN_BACK = "taken_back"
    DELETE = "delete"
    TOMBSTONE = "tombstone"
    REPEAT = "repeat"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class CrmRecord:
    """One Kafka record of the CRM's topic. Personal data: no repr."""

    kind: Kind
    lead: str
    key: bytes
    value: bytes | None = field(repr=False)
    headers: tuple[Header, ...] = ()


HEADERS: tuple[Header, ...] = (
    ("__debezium.context.connectorLogicalName", b"crm"),
    ("__debezium.context.taskId", b"0"),
    ("__debezium.context.connectorName", b"postgresql"),
)
_POSITION_STEP = 312
"""Bytes that one change takes in the log; any step that grows would do."""


class CrmTable:
    """The table `public.crm_lead` with its write-ahead log."""

    def __init__(self, begin_ms: int) -> None:
        self.rows: dict[str, Row] = {}
        self._clock_us = begin_ms * 1000
        self._position = 26_456_808
        self._transaction = 745

    def insert(self, lead: str, row: Mapping[str, object]) -> CrmRecord:
        """Add a row; it is stamped with the time of the change."""
        self._tick()
        self.rows[lead] = {"lead_id": lead, **row, "updated_at": self._clock_us}
        return self._record(Kind.NEW, lead, None, self.rows[lead], "c")

    def update(self, kind: Kind, lead: str, **changes: object) -> CrmRecord:
        """Change fields of a row."""
        self._tick()
        before = self.rows[lead]
        self.rows[lead] = {**before, **changes, "updated_at": self._clock_us}
        return self._record(kind, lead, before, self.rows[lead], "u")

    def delete(self, lead: str) -> tuple[CrmRecord, CrmRecord]:
        """Delete a row; a tombstone follows."""
        self._tick()
        gone = self._record(Kind.DELETE, lead, self.rows.pop(lead), None, "d")
        return gone, CrmRecord(Kind.TOMBSTONE, lead, _key(lead), None, HEADERS)

    def _record(
        self, kind: Kind, lead: str, before: Row | None, after: Row | None, op: str
    ) -> CrmRecord:
        connector_us = self._clock_us + 48_000
        envelope = {
            "before": before,
            "after": after,
            "source": self._source(),
            "transaction": None,
            "op": op,
            "ts_ms": connector_us // 1000,
            "ts_us": connector_us,
            "ts_ns": connector_us * 1000,
        }
        value = json.dumps(envelope, ensure_ascii=False, separators=(",", ":"))
        return CrmRecord(kind, lead, _key(lead), value.encode(), HEADERS)

    def _source(self) -> Row:
        return {
            "version": "3.6.3.Final",
            "connector": "postgresql",
            "name": "crm",
            "ts_ms": self._clock_us // 1000,
            "snapshot": "false",
            "db": "crm",
            "sequence": f'["{self._position - 64}","{self._position}"]',
            "ts_us": self._clock_us,
            "ts_ns": self._clock_us * 1000,
            "schema": "public",
            "table": "crm_lead",
            "txId": self._transaction,
            "lsn": self._position,
            "xmin": None,
            "origin": None,
            "origin_lsn": None,
        }

    def _tick(self) -> None:
        self._clock_us += 1_250
        self._position += _POSITION_STEP
        self._transaction += 1


def _key(lead: str) -> bytes:
    return json.dumps({"lead_id": lead}, separators=(",", ":")).encode()
