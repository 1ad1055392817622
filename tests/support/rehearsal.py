"""Play a history through the real decoder and real lanes, without Kafka and HTTP.

Chance decides what arrives when: an opt-out may overtake, changes may wait together, commands may
be withdrawn after a batch was cut. What comes of it is judged by the tests' own model.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from connector.cdc.decoding import Changes, Decoder, NotALeadChange, SchemaWanted, Unreadable
from connector.domain.belief import NOTHING_KNOWN, Belief
from connector.domain.change import LeadChange, LeadOptOut, is_opt_out, kind_of
from connector.domain.command import Command, UpsertContact
from connector.domain.ids import LeadId, ListId
from connector.domain.outcome import Effect
from connector.domain.record import Record
from connector.genesys.list_book import ContactList, ListBook
from connector.planning.lane import Lane
from connector.planning.moves import Moves
from connector.planning.pending import Door, Pending, Progress
from connector.planning.plan import Done
from connector.settings.loading import load
from connector.stream import composition
from tests.support.feed import EffectSeen, OutcomeSeen, SourceSeen
from tests.support.histories import History, Phase
from tests.support.judging import Facts
from tests.support.paper_platform import PaperPlatform
from tests.support.scene import Scene
from tests.support.site import Site, SourceText
from tests.support.topics import Read
from tests.support.truth import Played, Written


class Pace(Enum):
    """How the changes of one lead arrive in a phase."""

    ONE_BY_ONE = "one by one"
    TOGETHER = "together"
    MIXED = "mixed"


@dataclass(slots=True)
class Told:
    """The outcomes, as a reader of the topic would have them."""

    first: dict[str, OutcomeSeen] = field(default_factory=dict)
    again: list[OutcomeSeen] = field(default_factory=list)
    keys: dict[str, bytes | None] = field(default_factory=dict)

    def tell(self, outcome: OutcomeSeen) -> None:
        """Keep an outcome; the first of an id counts."""
        if outcome.outcome_id in self.first:
            self.again.append(outcome)
            return
        self.first[outcome.outcome_id] = outcome
        lead = outcome.lead_id
        self.keys[outcome.outcome_id] = None if lead is None else lead.encode()


class Rehearsal:
    """One run of one history; *directory* takes the settings file that the policy is read from."""

    def __init__(self, scene: Scene, directory: Path, dice: random.Random, pace: Pace) -> None:
        site = Site(directory, "127.0.0.1:1", "app", scene, [SourceText([scene.topic], "flat")])
        site.write("http://127.0.0.1:9")
        settings = load(site.settings, {})
        self.platform = PaperPlatform(scene)
        self.told = Told()
        self.letters: list[Read] = []
        self.resurrected: list[Command] = []
        self._policy = composition.policy(settings, _book(scene))
        self._decoder = Decoder(composition.source_specs(settings)[0])
        self._dice = dice
        self._pace = pace
        self._now = 1_800_000_000.0
        self._records: dict[str, Record] = {}
        self._offsets: Counter[int] = Counter()
        self._beliefs: dict[LeadId, Belief] = {}

    @property
    def facts(self) -> Facts:
        """What is there at the end."""
        return Facts(self.told, self.letters, self.platform.contacts, self.platform.numbers)

    def play(self, history: History) -> list[Played]:
        """Play every phase; each begins when the one before has come to rest."""
        return [self._phase(phase) for phase in history.phases]

    def _phase(self, phase: Phase) -> Played:
        doings = self.platform.play(phase.doings, self._now)
        written = []
        changes: dict[LeadId, list[LeadChange]] = defaultdict(list)
        for placed in phase.records:
            entry, partition = placed.entry, placed.partition
            offset = self._offsets[partition]
            self._offsets[partition] += 1
            record = Record("t", partition, offset, 1, entry.key, entry.value, entry.headers)
            self._records[record.coordinates] = record
            written.append(Written(record.coordinates, entry))
            for change in self._taken_in(record):
                changes[change.lead].append(change)
        for lead, of_lead in changes.items():
            self._live(lead, of_lead)
        self._now += 60
        return Played(doings, written)

    def _taken_in(self, record: Record) -> Sequence[LeadChange]:
        decoded = self._decoder.decode(record, "topic-id")
        match decoded:
            case Changes(changes=changes):
                return changes
            case NotALeadChange(key=key):
                self.told.tell(_outcome(record, key, None, "unchanged", "not_a_lead_change"))
                return ()
            case Unreadable(reason=reason, lead=lead, opt_out=opt_out):
                self._letter(record, reason)
                if isinstance(opt_out, LeadOptOut):
                    return (opt_out,)
                self.told.tell(_outcome(record, lead, None, "rejected", reason))
                return ()
            case SchemaWanted():
                raise AssertionError("the rehearsal's source is JSON")

    def _live(self, lead: LeadId, changes: Sequence[LeadChange]) -> None:
        lane = Lane(lead, self._beliefs.get(lead, NOTHING_KNOWN), None, self._policy)
        _LeadRun(self, lane, self._arrivals(changes)).run()
        self._beliefs[lead] = lane.belief

    def _arrivals(self, changes: Sequence[LeadChange]) -> list[tuple[Door, LeadChange]]:
        """Order what comes to both doors: each keeps its order, between them chance decides."""
        if self._pace is Pace.ONE_BY_ONE:
            doors = (
                (Door.COMPLY, Door.APPLY) if is_opt_out(c) else (Door.APPLY,) for c in changes
            )
            each = zip(changes, doors, strict=True)
            return [(door, change) for change, of_change in each for door in of_change]
        comply, apply = [c for c in changes if is_opt_out(c)], list(changes)
        arrivals: list[tuple[Door, LeadChange]] = []
        while comply or apply:
            if comply and (not apply or self._dice.random() < 0.6):
                arrivals.append((Door.COMPLY, comply.pop(0)))
            else:
                arrivals.append((Door.APPLY, apply.pop(0)))
        return arrivals

    def conclude(self, done: Done) -> None:
        """Tell what a lane has concluded."""
        if done.verdict is None:
            return
        change = done.pending.change
        record = self._records[change.origin.outcome_id]
        reason = None if done.reason is None else str(done.reason)
        lane = "compliance" if is_opt_out(change) else "write"
        told = _outcome(record, change.lead, str(kind_of(change)), done.verdict, reason)
        effects = tuple(_effect(each) for each in done.pending.effects)
        self.told.tell(told.model_copy(update={"effects": effects, "lane": lane}))
        flawed = isinstance(change, LeadOptOut) and change.flaw is not None
        if done.verdict == "rejected" and not flawed:
            self._letter(record, str(done.reason))

    def tick(self, seconds: float) -> float:
        """Let time pass."""
        self._now += seconds
        return self._now

    def throw(self) -> float:
        """Throw the dice."""
        return self._dice.random()

    def pick(self, commands: Sequence[Command]) -> Command:
        """Pick any of *commands*."""
        return self._dice.choice(commands)

    @property
    def eagerness(self) -> float:
        """How likely the next change arrives before anything else happens."""
        return {Pace.ONE_BY_ONE: 0.0, Pace.TOGETHER: 1.0, Pace.MIXED: 0.3}[self._pace]

    def _letter(self, record: Record, reason: str) -> None:
        own = (
            ("connector.source", record.coordinates.encode()),
            ("connector.reason", reason.encode()),
        )
        headers = (*record.headers, *own)
        self.letters.append(Read("letters", 0, 0, 0, record.key, record.value, headers))


class _LeadRun:
    """One lane with what is about to arrive, waits, was cut into a batch, or is in the air."""

    def __init__(
        self, rehearsal: Rehearsal, lane: Lane, arrivals: list[tuple[Door, LeadChange]]
    ) -> None:
        self._rehearsal = rehearsal
        self._lane = lane
        self._arrivals = arrivals
        self._waiting: dict[Command, None] = {}
        self._cut: list[Command] = []
        self._air: list[Command] = []
        self._batches = 0

    def run(self) -> None:
        """Go on until nothing is left to do."""
        for _ in range(20_000):
            now = self._rehearsal.tick(0.01)
            if self._arrivals or self._busy:
                self._step(now)
            elif self._lane.idle:
                return
            else:
                self._moved(self._lane.plan(self._rehearsal.tick(1.0)))
        raise AssertionError(f"the lane of {self._lane.lead} does not come to rest")

    @property
    def _busy(self) -> bool:
        return bool(self._waiting or self._cut or self._air)

    def _step(self, now: float) -> None:
        luck = self._rehearsal.throw()
        if self._arrivals and (not self._busy or luck < self._rehearsal.eagerness):
            door, change = self._arrivals.pop(0)
            pending = Pending(change, door, None, Progress(now))
            self._moved(self._lane.admit(pending, now))
        elif self._cut and luck < 0.85:
            self._leave(self._cut.pop(0), now)
        elif self._waiting and (luck < 0.7 or not self._air):
            command = self._rehearsal.pick(list(self._waiting))
            del self._waiting[command]
            self._cut.append(command)
        elif self._air:
            command = self._rehearsal.pick(self._air)
            self._air.remove(command)
            self._moved(self._lane.answered(command, self._rehearsal.platform.do(command), now))

    def _leave(self, command: Command, now: float) -> None:
        self._batches += 1
        if not self._lane.sent(command, f"batch-{self._batches}", now):
            self._moved(self._lane.plan(now))
            return
        self._air.append(command)
        protected = command.lead in self._rehearsal.platform.protected
        if isinstance(command, UpsertContact) and command.callable and protected:
            self._rehearsal.resurrected.append(command)

    def _moved(self, moves: Moves) -> None:
        for command in moves.withdraw:
            self._waiting.pop(command, None)
        for ask in moves.ask:
            self._waiting[ask.command] = None
        for done in moves.done:
            self._rehearsal.conclude(done)
        if moves.ahead is not None:
            self._moved(self._lane.written(moves.places, self._rehearsal.tick(0.02)))


def _book(scene: Scene) -> ListBook:
    lists = [
        ContactList(ListId(e.id), e.name, e.columns, dict.fromkeys(e.phone_columns, "cell"))
        for e in scene.lists
    ]
    return ListBook({each.id: each for each in lists})


def _outcome(
    record: Record, lead: str | None, change: str | None, verdict: str, reason: str | None
) -> OutcomeSeen:
    return OutcomeSeen(
        outcome_id=record.coordinates,
        lead_id=lead,
        change=change,
        verdict=verdict,
        reason=reason,
        revision=None,
        effects=(),
        attempts=0,
        lane="write",
        batch_id=None,
        source=SourceSeen(
            topic=record.topic, partition=record.partition, offset=record.offset, timestamp=""
        ),
        replay_id=None,
        opt_out=None,
        latency={},
        decided_at="",
        connector_version="",
        requests=0,
    )


def _effect(effect: Effect) -> EffectSeen:
    return EffectSeen(
        list=effect.place,
        contact_id=effect.contact_id,
        action=str(effect.action),
        http_status=None,
        correlation_id=None,
    )
