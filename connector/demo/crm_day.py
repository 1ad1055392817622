"""Invent a day of a CRM: a backlog of new leads in the morning, then whatever happens in a day."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from connector.demo.crm_table import HEADERS, CrmRecord, CrmTable, Kind, Row
from connector.demo.people import People

_NEW = 2_600
_LOADED = 80
_MIX: Mapping[Kind, int] = {
    Kind.NEW: 120,
    Kind.EDIT: 420,
    Kind.NO_EFFECT: 180,
    Kind.DISQUALIFIED: 140,
    Kind.OPT_OUT: 120,
    Kind.TAKEN_BACK: 24,
    Kind.DELETE: 50,
}
"""How often each thing happens during the day, repeats and broken records aside."""
_REPEATS = 60
_CELL = 512
"""The longest value that a cell of a contact list holds (genesys-api.md section 3.4)."""


@dataclass(frozen=True, slots=True)
class CrmDay:
    """The records of a day, in their order, and what is known beside them.

    `loaded` are rows that another loader has put on a contact list before; `numbers` are the
    telephone numbers of each lead that opts out, as they are written. Personal data: no repr.
    """

    morning: tuple[CrmRecord, ...] = field(repr=False)
    day: tuple[CrmRecord, ...] = field(repr=False)
    loaded: tuple[Row, ...] = field(repr=False)
    numbers: Mapping[str, tuple[str, ...]] = field(repr=False)

    @property
    def counts(self) -> Mapping[Kind, int]:
        """How many records there are of each kind."""
        return Counter(record.kind for record in (*self.morning, *self.day))


def crm_day(seed: int, begin_ms: int) -> CrmDay:
    """Invent a day that begins at *begin_ms* (ms since the epoch); the same seed, the same day."""
    return _Day(random.Random(seed), begin_ms).whole()


class _Day:
    def __init__(self, dice: random.Random, begin_ms: int) -> None:
        self._dice = dice
        self._people = People(dice)
        self._table = CrmTable(begin_ms)
        self._count = 0
        self._out: dict[str, tuple[str, ...]] = {}

    def whole(self) -> CrmDay:
        loaded = tuple(self._loaded())
        morning = tuple(self._new() for _ in range(_NEW))
        day = self._with_broken(self._with_repeats(list(self._happenings())))
        return CrmDay(morning, tuple(day), loaded, self._out)

    def _loaded(self) -> Iterator[Row]:
        """Invent leads that are in the CRM and on a list already, from a file of yesterday."""
        for _ in range(_LOADED):
            lead = self._next_lead()
            self._table.insert(lead, self._people.row() | {"segment": "new"})
            yield self._table.rows[lead]

    def _happenings(self) -> Iterator[CrmRecord]:
        kinds = [kind for kind, count in _MIX.items() for _ in range(count)]
        self._dice.shuffle(kinds)
        for kind in kinds:
            yield from self._happens(kind)

    def _happens(self, kind: Kind) -> Iterator[CrmRecord]:
        steps: dict[Kind, Callable[[], CrmRecord]] = {
            Kind.NEW: self._new,
            Kind.EDIT: self._edit,
            Kind.NO_EFFECT: lambda: self._update(Kind.NO_EFFECT, score=self._dice.randrange(1000)),
            Kind.DISQUALIFIED: lambda: self._update(Kind.DISQUALIFIED, status="Disqualified"),
            Kind.OPT_OUT: self._opt_out,
        }
        if kind is Kind.DELETE:
            yield from self._table.delete(self._someone())
        elif kind is Kind.TAKEN_BACK:
            yield from self._taken_back()
        else:
            yield steps[kind]()

    def _new(self) -> CrmRecord:
        return self._table.insert(self._next_lead(), self._people.row())

    def _edit(self) -> CrmRecord:
        edits: tuple[Row, ...] = (
            {"status": "CONTACTED"},
            {"status": "QUALIFIED"},
            {"last_name": self._people.name()},
            {"phone_home": self._people.number()},
        )
        return self._update(Kind.EDIT, **self._dice.choice(edits))

    def _opt_out(self) -> CrmRecord:
        lead = self._someone()
        row = self._table.rows[lead]
        given = (row["phone_mobile"], row["phone_home"])
        self._out[lead] = tuple(number for number in given if isinstance(number, str))
        asks: tuple[Row, ...] = ({"do_not_call": True}, {"status": "DNC_Requested"})
        return self._table.update(Kind.OPT_OUT, lead, **self._dice.choice(asks))

    def _taken_back(self) -> Iterator[CrmRecord]:
        """Clear the flag of a lead that opted out: nobody may take that for consent."""
        asked = [lead for lead in self._out if lead in self._table.rows]
        if asked:
            lead = self._dice.choice(asked)
            yield self._table.update(Kind.TAKEN_BACK, lead, do_not_call=False, status="NEW")

    def _update(self, kind: Kind, **changes: object) -> CrmRecord:
        return self._table.update(kind, self._someone(), **changes)

    def _someone(self) -> str:
        """Pick a lead that has not opted out."""
        leads = list(self._table.rows)
        while True:
            lead = self._dice.choice(leads)
            if lead not in self._out:
                return lead

    def _next_lead(self) -> str:
        self._count += 1
        return f"L-{100_000 + self._count}"

    def _with_repeats(self, records: list[CrmRecord]) -> list[CrmRecord]:
        """Write some records twice in a row, as a connector does that was killed and restarted."""
        whole = [i for i, record in enumerate(records) if record.kind in _REPEATABLE]
        chosen = set(self._dice.sample(whole, _REPEATS))
        repeated: list[CrmRecord] = []
        for index, record in enumerate(records):
            repeated.append(record)
            if index in chosen:
                repeated.append(
                    CrmRecord(Kind.REPEAT, record.lead, record.key, record.value, record.headers)
                )
        return repeated

    def _with_broken(self, records: list[CrmRecord]) -> list[CrmRecord]:
        for record in self._broken():
            records.insert(self._dice.randrange(len(records)), record)
        return records

    def _broken(self) -> Iterator[CrmRecord]:
        """Invent what no CRM should write and every CRM does."""
        for index, value in enumerate((b"{not json", b"\xff\xfe\xfd", b'{"before":null,"aft')):
            yield CrmRecord(Kind.BROKEN, "", b'{"lead_id":"X-%d"}' % index, value, HEADERS)
        changes: tuple[Row, ...] = (
            {"phone_mobile": "12", "phone_home": None},
            {"phone_mobile": "unknown", "phone_home": "n/a"},
            {"last_name": "x" * (_CELL + 1)},
        )
        for change in changes:
            whole = self._table.insert(self._next_lead(), self._people.row() | change)
            yield CrmRecord(Kind.BROKEN, whole.lead, whole.key, whole.value, whole.headers)


_REPEATABLE = (Kind.NEW, Kind.EDIT, Kind.DISQUALIFIED, Kind.OPT_OUT)
