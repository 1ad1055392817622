"""A seeded generator of flat histories that reach every cell flat records can reach."""

import json
import random
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from tests.support.cells import SCRIPTS, Act, Load, Script
from tests.support.flat_reading import read
from tests.support.person import Entry, Numbers, Person
from tests.support.scene import Scene

PHASES = 6
OUT_SHARE = 0.06
AGAIN_SHARE = 0.5
"""How many of the crowd's records opt out; of a lead that has opted out, again."""
STATES = ("CA", "NV", "NY", "NJ", "TX")
NEW_NAMES = ("Noralinde", "Olgamarie", "Peterkin", "Quentina")
BROKEN: tuple[tuple[str, bytes | None, bytes], ...] = (
    ("no_json", b"broken-1", b"{not json"),
    ("no_text", b"broken-2", b"\xff\xfe\x00"),
    ("no_object", b"broken-3", b"[1, 2, 3]"),
    ("cut_off", b"broken-4", b'{"lead_id": "broken-4", "first_name": "Cut'),
    ("empty", b"broken-5", b""),
    ("no_lead", b"broken-6", b'{"first_name": "Nobody", "phone_mobile": "+12025550100"}'),
    ("null_lead", b"broken-7", b'{"lead_id": null, "first_name": "Nobody"}'),
    ("blank_lead", b"broken-8", b'{"lead_id": "", "first_name": "Nobody"}'),
)


@dataclass(frozen=True, slots=True)
class Doing:
    """What somebody else does to a contact of *lead* before the records of a phase.

    `data` is what another loader puts there, every column of the list.
    """

    lead: str
    list_id: str
    act: Act
    data: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Placed:
    """A record and the partition that it goes to."""

    partition: int
    entry: Entry


@dataclass(frozen=True, slots=True)
class Phase:
    """What happens before the next look at the outcomes."""

    doings: tuple[Doing, ...]
    records: tuple[Placed, ...]


@dataclass(frozen=True, slots=True)
class History:
    """A whole history; `opting_out` are the leads that ask not to be called at some time."""

    scene: Scene
    phases: tuple[Phase, ...]

    @property
    def records(self) -> tuple[Placed, ...]:
        """Every record, phase after phase."""
        return tuple(record for phase in self.phases for record in phase.records)


def history(scene: Scene, seed: int, crowd: int, without: Collection[str] = ()) -> History:
    """Make a history of the scripts, some left out, and of *crowd* leads with their own lives."""
    dice, numbers = random.Random(seed), Numbers()
    lives = [*_scripted(scene, dice, numbers, without), *_crowd(scene, dice, numbers, crowd)]
    phases = []
    for number in range(PHASES):
        doings: list[Doing] = []
        queues: list[list[Placed]] = []
        for life in lives:
            doing, records = life.phase(number)
            doings.extend(doing)
            queues.append([Placed(life.partition, record) for record in records])
        phases.append(Phase(tuple(doings), tuple(_shuffled(dice, queues))))
    return History(scene, tuple(phases))


def _shuffled(dice: random.Random, queues: list[list[Placed]]) -> Iterator[Placed]:
    """Mix the leads' records, each lead's in its own order."""
    turns = [index for index, queue in enumerate(queues) for _ in queue]
    dice.shuffle(turns)
    heads = [iter(queue) for queue in queues]
    for turn in turns:
        yield next(heads[turn])


class _ScriptedLife:
    def __init__(self, script: Script, person: Person, partition: int) -> None:
        self.partition = partition
        self._script = script
        self._person = person

    def phase(self, number: int) -> tuple[list[Doing], list[Entry]]:
        if number >= len(self._script.steps):
            return [], []
        step = self._script.steps[number]
        records = [step.record(self._person, self._script.name)] if step.record else []
        value = records[-1].value if records else None
        return [self._doing(act, value) for act in step.acts], records

    def _doing(self, act: Act, value: bytes | None) -> Doing:
        person, wanted = self._person, self._person.scene.list_named(act.list_name)
        data: dict[str, str] = {}
        if isinstance(act, Load):
            row = read(person.scene, None, value or json.dumps(person.row).encode())
            assert row.cells is not None
            data = dict.fromkeys(wanted.columns, "") | row.cells[wanted.id]
            if not act.alike:
                data |= {"FirstName": "Loaded", "Notes": "from a file"}
            if act.own_number:
                data["Home"] = person.fresh_number()
        return Doing(person.lead, wanted.id, act, data)


def _scripted(
    scene: Scene, dice: random.Random, numbers: Numbers, without: Collection[str]
) -> Iterator[_ScriptedLife]:
    for script in SCRIPTS:
        if script.name in without:
            continue
        for copy in range(script.copies):
            lead = f"{script.lead or script.name}-{copy}"
            person = Person(lead, scene, dice, numbers, script.state, script.source)
            yield _ScriptedLife(script, person, dice.randrange(scene.partitions))


class _CrowdLife:
    """A lead whose records come as they come, several in one phase."""

    def __init__(self, person: Person, dice: random.Random, scene: Scene) -> None:
        self.partition = dice.randrange(scene.partitions)
        self._person = person
        self._dice = dice
        self._begins = dice.randrange(3)
        self._out = False

    def phase(self, number: int) -> tuple[list[Doing], list[Entry]]:
        if number < self._begins or number > self._begins + 1:
            return [], []
        count = self._dice.choice((1, 1, 1, 2, 2, 3, 5))
        new = number == self._begins
        records = [self._person.edit("new")] if new else []
        records.extend(self._record() for _ in range(count - 1 if new else count // 2))
        return [], records

    def _record(self) -> Entry:
        person, dice = self._person, self._dice
        if dice.random() < (AGAIN_SHARE if self._out else OUT_SHARE):
            self._out = True
            field = dice.choice(({"do_not_call": True}, {"status": "DNC_Requested"}))
            return person.edit("crowd_opt_out", **field)
        choices = {
            "name": 20,
            "touch": 12,
            "number": 8,
            "disqualified": 8,
            "good": 12,
            "moved": 6,
            "gone": 4,
            "again": 4,
            "older": 3 if person.scene.revision else 0,
            "half_bad": 2,
            "all_bad": 2,
            "no_number": 2,
            "long": 1,
        }
        kind = dice.choices(list(choices), list(choices.values()))[0]
        return self._written(kind)

    def _written(self, kind: str) -> Entry:
        person, dice, cell = self._person, self._dice, f"crowd_{kind}"
        match kind:
            case "touch":
                return person.touch(cell)
            case "gone":
                return person.gone(cell)
            case "again":
                return person.again(cell)
            case "older":
                return person.older(cell, dice.choice((1, 10_000_000_000)))
            case "all_bad":
                return person.stray(cell, phone_mobile="12", phone_home=None)
            case "long":
                return person.stray(cell, first_name="y" * 600)
            case _:
                return person.edit(cell, **self._fields(kind))

    def _fields(self, kind: str) -> dict[str, object]:
        person, dice = self._person, self._dice
        fields: dict[str, dict[str, object]] = {
            "name": {"first_name": dice.choice(NEW_NAMES)},
            "number": {"phone_home": person.fresh_number()},
            "disqualified": {"status": "Disqualified"},
            "good": {"status": "New", "do_not_call": False},
            "moved": {"state": dice.choice(STATES), "source": dice.choice(("web", "phone"))},
            "half_bad": {"phone_home": "none", "phone_mobile": person.fresh_number()},
            "no_number": {"phone_mobile": "", "phone_home": None},
        }
        return fields[kind]


class _BrokenLife:
    """Records that belong to nobody."""

    def __init__(self, scene: Scene, index: int) -> None:
        self.partition = index % scene.partitions
        self._entry = BROKEN[index % len(BROKEN)]

    def phase(self, number: int) -> tuple[list[Doing], list[Entry]]:
        if number > 2:
            return [], []
        cell, key, value = self._entry
        headers = (("origin", b"crm"), ("empty", None))
        return [], [Entry(cell, key, value, headers)]


def _crowd(
    scene: Scene, dice: random.Random, numbers: Numbers, count: int
) -> Iterator["_CrowdLife | _BrokenLife"]:
    for index in range(count):
        lead = f"lead-{index:05}"
        source = dice.choice(("web", "phone", "phone", "store"))
        state = dice.choice(STATES[:4]) if dice.random() < 0.9 else "TX"
        yield _CrowdLife(Person(lead, scene, dice, numbers, state, source), dice, scene)
    for index in range(16):
        yield _BrokenLife(scene, index)
