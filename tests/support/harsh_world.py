"""Play histories that `lane_world` leaves out: split batches, changed keys, agents, two sources.

Everything that `World` judges is judged here too. Besides: an opt-out follows a changed key, what
an agent disabled stays so, and a request that is repeated asks the lane again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from connector.domain.belief import NOTHING_KNOWN, QuarantinedBy
from connector.domain.change import (
    LeadChange,
    LeadDelete,
    LeadOptOut,
    LeadQuarantine,
    LeadUpsert,
    Row,
)
from connector.domain.command import (
    Command,
    FetchContact,
    FindContacts,
    QuarantineContact,
    RemoveContact,
    UpsertContact,
)
from connector.domain.contact import Contact
from connector.domain.ids import ContactId, LeadId, ListId
from connector.domain.reason import Reason, Verdict
from connector.domain.result import Result, Unknown
from connector.planning.pending import Door
from connector.planning.policy import Policy, Removal, SourcePolicy
from connector.planning.targets import NO_CONTACTS
from tests.support.lane_world import (
    SOURCE,
    Platform,
    SentRow,
    World,
    _in_order,
    a_policy,
    is_poison,
)

OTHER = "other"
OTHER_MAPPED = {"Name": "full_name", "Mobile": "cell"}
Place = tuple[ListId, ContactId]


def a_harsh_policy(*, adopt: bool, delete: Removal, leave: Removal, seen: bool = False) -> Policy:
    """Return the policy of the worlds with two sources, and what becomes of contacts that go."""
    policy = a_policy(adopt=adopt, seen=seen)
    other = {**OTHER_MAPPED, "Notes": "region"} if seen else OTHER_MAPPED
    rule = policy.sources[SOURCE].quarantine
    return replace(
        policy,
        lists={
            key: replace(each, mapped={**each.mapped, OTHER: other}, delete=delete, leave=leave)
            for key, each in policy.lists.items()
        },
        sources={**policy.sources, OTHER: SourcePolicy({"Mobile": "cell"}, quarantine=rule)},
    )


@dataclass
class AgentsPlatform(Platform):
    """A platform where agents disable contacts, and whose search lags behind inserts."""

    now: float = 0.0
    disabled_at: dict[Place, float] = field(default_factory=dict)
    read_at: dict[Place, float] = field(default_factory=dict)
    shown_from: dict[Place, float] = field(default_factory=dict)
    resurrected: int = 0

    def serve(self, command: Command) -> Result:
        """Do what *command* asks; note what was read when."""
        match command:
            case FindContacts(lead=lead, list_id=list_id):
                hidden = {
                    place: self.contacts.pop(place)
                    for place in list(self.contacts)
                    if self.shown_from.get(place, 0.0) > self.now
                }
                for place, contact in self.contacts.items():
                    if place[0] == list_id and contact.data["CRM_Lead_ID"] == lead:
                        self.read_at[place] = self.now
                found = super().serve(command)
                self.contacts |= hidden
                return found
            case FetchContact(list_id=list_id, contact=contact_id):
                self.read_at[list_id, contact_id] = self.now
                return super().serve(command)
            case UpsertContact() | QuarantineContact():
                return self._written(command)
            case RemoveContact(list_id=list_id, contact=contact_id):
                self.forget((list_id, contact_id))
                return super().serve(command)
            case _:
                return super().serve(command)

    def _written(self, command: UpsertContact | QuarantineContact) -> Result:
        place = (command.list_id, command.contact)
        before = self.contacts.get(place)
        result = super().serve(command)
        after = self.contacts.get(place)
        if after is None or after is before:
            return result
        if before is None:
            self.shown_from[place] = self.now + 2.0
        else:
            self.contacts[place] = replace(after, last_attempt=before.last_attempt)
        known = place in self.known_disabled()
        self.resurrected += after.callable and known
        if after.callable or not known:
            self.forget(place)  # a write covers what was disabled after the read it came from
        return result

    def known_disabled(self) -> set[Place]:
        """Return what was disabled before it was read last."""
        return {
            place
            for place in self.disabled
            if self.read_at.get(place, -1.0) >= self.disabled_at.get(place, 0.0)
        }

    def disable(self, place: Place, *, called: bool) -> None:
        """Let an agent disable a contact, after a call or without one."""
        contact = self.contacts[place]
        attempt = round(self.now * 1000) if called else contact.last_attempt
        self.contacts[place] = replace(contact, callable=False, last_attempt=attempt)
        self.disabled.add(place)
        self.disabled_at[place] = self.now

    def forget(self, place: Place) -> None:
        """Forget that somebody disabled a contact."""
        self.disabled.discard(place)
        self.disabled_at.pop(place, None)


@dataclass
class HarshWorld(World):
    """A world with all of that. `agents` is how many times an agent may disable a contact."""

    agents: int = 3
    moves: float = 0.08
    repeats: int = 2
    orderly: bool = True

    def __post_init__(self) -> None:
        self.held: list[tuple[Command, str]] = []
        super().__post_init__()
        self._repeat()

    def _repeat(self) -> None:
        """Let intake write some changes once more, as after a kill."""
        given = list(self.changes)
        for _ in range(self.random.randrange(self.repeats + 1)):
            to = self.random.randrange(1, len(given) + 1)
            again = given[max(0, to - self.random.randrange(1, 5)) : to]
            # A record that was rejected raises no mark: repeated behind another source's, it is
            # newer by arrival (rule 4).
            given[to:to] = [each for each in again if not self._may_be_rejected(each)]
        self.topic[Door.COMPLY] = [each for each in given if isinstance(each, LeadOptOut)]
        self.topic[Door.APPLY] = list(given)

    def _history(self) -> list[LeadChange]:
        changes: list[LeadChange] = []
        for change in super()._history():
            changes.extend(self._made_harsh(change, len(changes)))
        return changes

    def _made_harsh(self, change: LeadChange, at: int) -> Iterator[LeadChange]:
        """Let a change come from another source, be a tombstone, or change the key."""
        chance = self.random.random()
        topic = self.random.choice(["t", "t", "u"])
        source = OTHER if topic == "u" else SOURCE
        origin = replace(change.origin, offset=at, topic=topic, topic_id=topic, source=source)
        change = replace(change, origin=origin)
        if isinstance(change, LeadDelete):
            yield replace(change, tombstone=chance < 0.5)
            return
        assert isinstance(change, LeadUpsert | LeadQuarantine | LeadOptOut)
        became = LeadId(f"L{self.random.randrange(self.leads)}")
        if not isinstance(change, LeadUpsert) or chance > self.moves or became == change.lead:
            yield _as_in(source, change)
            return
        if not change.row.whole:
            yield _as_in(source, change)
            return
        yield LeadDelete(change.lead, origin, change.revision, moved_to=became)
        fields = {**change.row.fields, "mobile": f"+{became[1]}{self.random.randrange(2)}"}
        origin = replace(origin, offset=at + 1)
        yield _as_in(source, LeadUpsert(became, origin, change.revision, Row(fields)))

    def _load_foreign(self) -> None:
        self.platform = self.agents_platform = AgentsPlatform()
        super()._load_foreign()

    def _start(self) -> None:
        super()._start()
        self.held = []
        self.agents_platform.read_at.clear()
        for place in [each for each in self.platform.disabled if self._is_ours(each)]:
            self.agents_platform.forget(place)

    def _send(self) -> None:
        """Send, or be held by the delivery that splits or repeats: it asks the lane again."""
        if self.held and (not self.cut or self.random.random() < 0.2):
            command, batch_id = self.held.pop(self.random.randrange(len(self.held)))
        elif self.cut:
            command, batch_id = self.cut.pop(self.random.randrange(len(self.cut)))
        else:
            return
        lane = self.lanes.get(command.lead)
        if lane is None:
            return
        if not lane.sent(command, batch_id, self.now):
            self._run(lane, lane.plan(self.now))
        elif self.random.random() < 0.3:
            self.held.append((command, batch_id))
        else:
            self._judge_sent(command)
            self.air.append(command)

    def _result(self, command: Command) -> Result:
        """Answer; of a read whose answer is lost nobody knows."""
        before = dict(self.agents_platform.read_at)
        result = super()._result(command)
        if isinstance(result, Unknown):
            self.agents_platform.read_at = before
        return result

    def _judge_sent(self, command: Command) -> None:
        """Judge as always, but what was disabled after it was read: nobody can know of that."""
        known, disabled = self.agents_platform.known_disabled(), self.platform.disabled
        self.platform.disabled = known
        super()._judge_sent(command)
        self.platform.disabled = disabled

    def _disable(self) -> None:
        """Let an agent disable a contact: under a quarantine only after a call."""
        self.agents -= 1
        place = self.random.choice(sorted(self.platform.contacts))
        usable = self.platform.contacts[place].callable
        called = not usable or self._is_ours(place) or self.random.random() < 0.5
        self.agents_platform.disable(place, called=called)

    def _is_ours(self, place: Place) -> bool:
        """Say whether a row calls a quarantine ours, durable or on its way: whether the quarantine
        left, a crash hides, and a lost answer too.
        """
        ahead = [each.places for each in self.outbound if isinstance(each, SentRow)]
        if any(place == written for places in ahead for written, _ in places):
            return True
        contact = self.platform.contacts[place]
        known = self.rows.get(LeadId(contact.data["CRM_Lead_ID"]), NOTHING_KNOWN)
        return any(
            each.id == contact.id and each.by is QuarantinedBy.OURS
            for each in known.lists.get(place[0], NO_CONTACTS).contacts
        )

    def play(self) -> "HarshWorld":
        """Play to the end: everything read, sent, answered, settled."""
        for _ in range(12_000):
            self.now += self.random.choice([0.01, 0.01, 0.5, 5.0])
            self.agents_platform.now = self.now
            if self.parks and self.parked is None and self.random.random() < 0.05:
                self._park()
            actions = self._actions()
            if not actions:
                if self._unpark():
                    continue
                break
            if self.kills and self.random.random() < 0.02:
                self.kills -= 1
                self._kill()
                continue
            if self.random.random() < 0.2:
                self._commit()
            if self.agents and self.platform.contacts and self.random.random() < 0.03:
                self._disable()
            self.random.choice(actions)()
        else:
            self.wrong["stuck"] += 1
        self.judge_end()
        return self

    def tick(self, now: float) -> None:
        """Let it be *now*; an agent may do something."""
        self.now = self.agents_platform.now = now
        if self.agents and self.platform.contacts and self.random.random() < 0.03:
            self._disable()

    def judge_end(self) -> None:
        """Judge what is there when all is done."""
        self._judge_end()
        if self.agents_platform.resurrected:
            self.wrong["re-enabled what an agent had disabled"] += 1

    def judge_sent(self, command: Command) -> None:
        """Judge a command that leaves now."""
        self._judge_sent(command)

    def _actions(self) -> list[Callable[[], None]]:
        return [
            *([lambda: self._read(Door.APPLY)] if self._unread(Door.APPLY) else []),
            *([lambda: self._read(Door.COMPLY)] if self._unread(Door.COMPLY) else []),
            *([self._cut] * 2 if self._open() else []),
            *([self._send] * 2 if self.cut or self.held else []),
            *([self._answer] * 2 if self.air else []),
            *([self._deliver] * 2 if self.outbound else []),
            *([self._wake] if self._due() else []),
            *self.debts.actions(),
        ]

    def _judge_beside(self, lead: LeadId) -> None:
        """Judge nothing: changes of two sources end one behind the other, on all lists."""

    def _judge_lead(self, lead: LeadId) -> None:
        """Judge a lead, and first whether an opt-out of its former id must have come to it."""
        if self._inherits(lead, frozenset()):
            if any(
                contact.callable and contact.data["CRM_Lead_ID"] == lead
                for contact in self.platform.contacts.values()
            ):
                self.wrong["callable after an opt-out that follows the key"] += 1
        elif not self._may_inherit(lead, frozenset()):
            # Who was called may have been disabled by the agent behind our own quarantine.
            self.platform.disabled |= {
                place
                for place, contact in self.platform.contacts.items()
                if contact.last_attempt is not None and not contact.callable
            }
            super()._judge_lead(lead)

    def _judge_rows(
        self,
        lead: LeadId,
        mine: list[LeadChange],
        contacts: dict[Place, Contact],
    ) -> None:
        """Judge as always, but not where engines may read a rejected record of one topic again.

        It raised no mark, so behind a change of another topic it is newer by arrival (rule 4),
        and no single delivery would come to the same.
        """
        topics = {change.origin.topic for change in mine}
        if len(topics) > 1 and self._truth(lead, mine).may_be_unknown:
            return
        if self.orderly or len(topics) == 1 or not any(map(is_poison, mine)):
            super()._judge_rows(lead, mine, contacts)

    def _may_be_rejected(self, change: LeadChange) -> bool:
        mine = [each for each in self.changes if each.lead == change.lead]
        return is_poison(change) or (
            isinstance(change, LeadUpsert | LeadQuarantine)
            and not change.row.whole
            and self._truth(change.lead, mine).may_be_unknown
        )

    def _judge_settling(
        self, lead: LeadId, first: dict[str, tuple[Verdict, Reason | None]]
    ) -> None:
        """Judge the order of outcomes, where none of them waits for something else."""
        if self.orderly or not any(
            isinstance(change, LeadDelete) and change.moved_to and change.lead == lead
            for change in self.changes
        ):
            super()._judge_settling(lead, first)

    def _may_inherit(self, lead: LeadId, seen: frozenset[LeadId]) -> bool:
        """Say whether an opt-out may have come to *lead*: its former ids had one at some time."""
        former = {
            change.lead
            for change in self.changes
            if isinstance(change, LeadDelete) and change.moved_to == lead
        } - seen
        return any(
            any(isinstance(c, LeadOptOut) and c.lead == each for c in self.changes)
            or self._may_inherit(each, seen | former)
            for each in former
        )

    def _inherits(self, lead: LeadId, seen: frozenset[LeadId]) -> bool:
        """Say whether an opt-out must have come to *lead*: a former id ends moved, opted out."""
        for former in {change.lead for change in self.changes} - {lead} - seen:
            mine = [change for change in self.changes if change.lead == former]
            rows = [each for each in _in_order(mine) if not isinstance(each, LeadOptOut)]
            moved = next((c.moved_to for c in reversed(rows) if isinstance(c, LeadDelete)), None)
            last = rows[-1] if rows else None
            if not (isinstance(last, LeadDelete) and moved == lead == last.moved_to):
                continue
            if any(isinstance(change, LeadOptOut) for change in mine):
                return True
            if self._inherits(former, seen | {lead}):
                return True
        return False


def _as_in(
    source: str, change: LeadUpsert | LeadQuarantine | LeadOptOut
) -> LeadUpsert | LeadQuarantine | LeadOptOut:
    """Return *change* with its fields under the names that *source* has for them."""
    fields = dict(change.row.fields)
    for name, its in (("name", "full_name"), ("mobile", "cell")):
        if name in fields:
            fields[its] = fields[name]
    return replace(change, row=replace(change.row, fields=fields)) if source == OTHER else change
