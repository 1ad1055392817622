"""An invented lead of the CRM, who writes the flat records of its own life."""

import json
import random
from dataclasses import dataclass, field

from tests.support.scene import Scene

FIRST = ("Adaeze", "Brunhild", "Chidike", "Doralice", "Emrecan", "Farahnaz", "Zoëlle", "Ivoslav")
LAST = ("Abelsen", "Brandtner", "Castroviejo", "Duboisson", "Eriksdotter", "Nováková", "O'Neilly")
"""Names that stand nowhere by chance: tests look for them where they must not be."""
ZONES = ("America/Los_Angeles", "America/New_York", "America/Chicago")
AREAS = 799
"""Area codes 201 .. 999."""
STYLES = ("+1{}5550{}", "({}) 555-0{}", "{}-555-0{}", "+1 {} 555 0{}", "{}.555.0{}")
EPOCH_MS = 1_790_000_000_000
"""When all histories begin: 2026-09-21."""

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of a history before it is written; *cell* says what it was made to show."""

    cell: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = ()


class Numbers:
    """Hand out telephone numbers, each once: 555-0100 .. 555-0199 are kept free for fiction."""

    def __init__(self) -> None:
        self._next = 0

    def fresh(self, dice: random.Random) -> str:
        """Give a number that nobody else has, written in one of the usual ways."""
        index, self._next = self._next, self._next + 1
        area, line = 201 + index % AREAS, 100 + index // AREAS
        return dice.choice(STYLES).format(area, line)


@dataclass(slots=True)
class Person:
    """One lead: its row as the CRM has it, and the records that the CRM writes of it."""

    lead: str
    scene: Scene
    dice: random.Random
    numbers: Numbers
    state: str = "CA"
    source: str = "phone"
    row: Row = field(init=False)
    step: int = field(init=False, default=0)
    clock: int = field(init=False)
    last: bytes = field(init=False, default=b"")

    def __post_init__(self) -> None:
        self.clock = EPOCH_MS + self.dice.randrange(10_000_000)
        self.row = {
            "lead_id": self.lead,
            "first_name": self.dice.choice(FIRST),
            "last_name": self.dice.choice(LAST),
            "phone_mobile": self.numbers.fresh(self.dice),
            "phone_home": self.numbers.fresh(self.dice) if self.dice.random() < 0.3 else None,
            "time_zone": self.dice.choice(ZONES),
            "status": "New",
            "state": self.state,
            "source": self.source,
            "do_not_call": False,
            "step": "0",
            "score": 0,
        }

    def fresh_number(self) -> str:
        """Give this lead a number that nobody had before."""
        return self.numbers.fresh(self.dice)

    def edit(self, cell: str, **fields: object) -> Entry:
        """Change fields of the row and write it, a step further than before."""
        self.step += 1
        self.row |= {"step": str(self.step)} | fields
        return self._write(cell)

    def touch(self, cell: str) -> Entry:
        """Change only what no contact list has a column for."""
        self.row["score"] = self.dice.randrange(1, 1_000_000)
        return self._write(cell)

    def stray(self, cell: str, **fields: object) -> Entry:
        """Write a row that the CRM then takes back: the next one knows nothing of it."""
        self.step += 1
        return self._write(cell, {"step": str(self.step)} | fields)

    def older(self, cell: str, back: int, **fields: object) -> Entry:
        """Write a row with a revision *back* ms before the newest one; none there: an edit."""
        if not self.last:
            return self.edit(cell, **fields)
        value = self._value(self.row | fields, self.clock - back)
        return Entry(cell, self._key(), value)

    def again(self, cell: str) -> Entry:
        """Write the last row again, byte for byte; after a tombstone there is none: an edit."""
        if not self.last:
            return self.edit(cell)
        return Entry(cell, self._key(), self.last)

    def gone(self, cell: str) -> Entry:
        """Write a tombstone."""
        self._tick()
        self.last = b""
        return Entry(cell, self._key(), None)

    def _write(self, cell: str, fields: Row | None = None) -> Entry:
        self._tick()
        self.last = self._value(self.row | (fields or {}), self.clock)
        return Entry(cell, self._key(), self.last)

    def _value(self, row: Row, clock: int) -> bytes:
        return json.dumps(row | {"updated_at": clock}, ensure_ascii=False).encode()

    def _key(self) -> bytes:
        return self.lead.encode()

    def _tick(self) -> None:
        self.clock += 1_000 + self.dice.randrange(1_000_000)
