"""Play random histories of a few leads through real lanes, a fake platform, topics and kills.

The judge of `planning/`: what survives a kill is only what was durable (outcomes and rows in their
order, the topics), and whoever takes over decides again from there. It knows the platform's truth,
so it can say at the end what should be there.
"""

import collections
import random
from dataclasses import dataclass, field

from connector.domain.belief import NOTHING_KNOWN, Belief, OptOutBelief
from connector.domain.change import (
    LeadChange,
    LeadDelete,
    LeadOptOut,
    LeadQuarantine,
    LeadUpsert,
    Row,
)
from connector.domain.command import (
    BlockNumber,
    Command,
    FetchContact,
    FindContacts,
    QuarantineContact,
    RemoveContact,
    UpsertContact,
)
from connector.domain.contact import Contact
from connector.domain.ids import ContactId, DncListId, LeadId, ListId, OutcomeId, PhoneNumber
from connector.domain.origin import Origin
from connector.domain.reason import Reason, Verdict
from connector.domain.result import Accepted, Found, Gone, Refused, Rejected, Result, Seen, Unknown
from connector.domain.revision import Revision
from connector.planning.cargo import stop_of
from connector.planning.conditions import condition
from connector.planning.digest import Digests
from connector.planning.gates import Scope, Stop
from connector.planning.lane import Lane
from connector.planning.moves import Ahead, Moves
from connector.planning.order import raised
from connector.planning.pending import Door, Pending, Progress
from connector.planning.plan import Done
from connector.planning.policy import ListPolicy, Policy, Removal, SourcePolicy
from tests.support.debts import Debts
from tests.support.row_truth import POISON, Presence, RowTruth

ALL, SOUTH = ListId("all"), ListId("south")
DNC = DncListId("dnc")
SOURCE = "default"
COLUMNS = ("CRM_Lead_ID", "Name", "Mobile", "Notes")
MAPPED = {"Name": "name", "Mobile": "mobile"}


def a_number(text: str) -> PhoneNumber | None:
    """Read a cell as the tests write numbers."""
    return PhoneNumber(text) if text.startswith("+") else None


def a_policy(*, adopt: bool = True, seen: bool = False, ruled: bool = False) -> Policy:
    """Return two lists (`all`, and `south` by a rule), one DNC list; of the lists the second alone
    where it is `ruled`.

    `seen` maps the field that the rule looks at, so that contacts show it.
    """
    mapped = {**MAPPED, "Notes": "region"} if seen else MAPPED
    lists = {
        each.id: each
        for each in (
            ListPolicy(ALL, "all", COLUMNS, {SOURCE: mapped}, frozenset({"Mobile"}), adopt),
            ListPolicy(
                SOUTH,
                "south",
                COLUMNS,
                {SOURCE: mapped},
                frozenset({"Mobile"}),
                adopt,
                when=condition({"region": ["south"]}),
            ),
        )
    }
    rule = condition({"status": ["bad"]})
    if ruled:
        del lists[ALL]
    sources = {SOURCE: SourcePolicy({"Mobile": "mobile"}, quarantine=rule)}
    return Policy(lists, (DNC,), sources, Digests(b"secret"), a_number)


@dataclass
class Platform:
    """The truth: contacts by list and id, numbers on the DNC list, and who was made callable."""

    contacts: dict[tuple[ListId, ContactId], Contact] = field(default_factory=dict)
    blocked: set[PhoneNumber] = field(default_factory=set)
    disabled: set[tuple[ListId, ContactId]] = field(default_factory=set)
    poison: set[str] = field(default_factory=set)

    def serve(self, command: Command) -> Result:
        """Do what *command* asks."""
        match command:
            case FindContacts(lead=lead, list_id=list_id):
                return Found(
                    tuple(
                        contact
                        for (place, _), contact in sorted(self.contacts.items())
                        if place == list_id and contact.data["CRM_Lead_ID"] == lead
                    )
                )
            case FetchContact(list_id=list_id, contact=contact_id):
                return Seen(self.contacts.get((list_id, contact_id)))
            case BlockNumber(number=number):
                self.blocked.add(number)
                return Accepted()
            case RemoveContact(list_id=list_id, contact=contact_id):
                found = self.contacts.pop((list_id, contact_id), None)
                return Gone() if found is None else Accepted()
            case UpsertContact() | QuarantineContact():
                return self._write(command)

    def _write(self, command: UpsertContact | QuarantineContact) -> Result:
        if command.write.data["Name"] in self.poison:
            return Rejected(Reason.REFUSED_BY_PLATFORM, "refused")
        place = (command.list_id, command.contact)
        if isinstance(command, QuarantineContact) and place not in self.contacts:
            return Gone()
        self.contacts[place] = Contact(
            command.contact, command.list_id, dict(command.write.data), command.write.callable
        )
        return Accepted()


@dataclass(frozen=True)
class SentFollower:
    """An opt-out of a lead's next id on its way to both topics, ahead of its cause's outcome."""

    opt_out: LeadOptOut


@dataclass(frozen=True)
class SentOutcome:
    """An outcome on its way to the broker."""

    done: Done


@dataclass(frozen=True)
class SentRow:
    """A row on its way; `told` are the changes that it settles, `places` what it is ahead of."""

    lead: LeadId
    row: Belief
    told: tuple[Done, ...] = ()
    places: frozenset[Ahead] = frozenset()


@dataclass
class World:
    """One history on its way: topics, what is durable, and the worker of the moment.

    `parks` is how many times a list may be parked: its gate shuts, and opens again when nothing
    else is left to do. Where it `defers`, what it holds may be settled, and is caught up then.
    """

    seed: int
    policy: Policy = field(default_factory=a_policy)
    records: int = 14
    leads: int = 2
    kills: int = 2
    opt_outs: float = 0.12
    revisions: bool = False
    partials: float = 0.35
    parks: int = 0
    defers: bool = False

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self._newest_read = -1
        self.batches = 0
        self.parked: Scope | None = None
        self.debts = Debts(self)
        self.platform = Platform()
        self.wrong: collections.Counter[str] = collections.Counter()
        self.now = 1_000.0
        self.changes = self._history()
        self.topic: dict[Door, list[LeadChange]] = {Door.COMPLY: [], Door.APPLY: []}
        for change in self.changes:
            if isinstance(change, LeadOptOut):
                self.topic[Door.COMPLY].append(change)
            self.topic[Door.APPLY].append(change)
        self.outcomes: list[tuple[str, Verdict, Reason | None]] = []
        self.rows: dict[LeadId, Belief] = {}
        self.committed = {Door.COMPLY: 0, Door.APPLY: 0}
        self.loaded: set[LeadId] = set()
        self._load_foreign()
        self._start()

    def _history(self) -> list[LeadChange]:
        made: list[LeadChange] = []
        chance = self.random
        for offset in range(self.records):
            lead = LeadId(f"L{chance.randrange(self.leads)}")
            origin = Origin(SOURCE, "crm", "t", 0, offset, 1_000 + offset)
            kind = chance.random()
            fields = {
                "name": chance.choice(["a", "b"]),
                "mobile": f"+{lead[1]}{chance.randrange(2)}",
                "region": chance.choice(["south", "south", "north"]),
                "status": "bad" if self._disqualifies(kind) else "ok",
            }
            row = Row(fields)
            if not self.revisions and chance.random() < self.partials:
                made.append(self._partial(lead, origin, fields, kind))
                continue
            revision = Revision()
            if self.revisions and chance.random() < 0.8:
                revision = Revision(named=str(max(0, offset - chance.choice([0, 0, 0, 1, 4]))))
            if kind < self.opt_outs:
                number = frozenset({PhoneNumber(fields["mobile"])})
                made.append(LeadOptOut(lead, origin, revision, row, number))
            elif kind < self.opt_outs + 0.1:
                made.append(LeadDelete(lead, origin, revision))
            elif kind < self.opt_outs + 0.22:
                made.append(LeadQuarantine(lead, origin, revision, row))
            else:
                if chance.random() < 0.08 and not self.revisions:
                    row = Row({**fields, "name": POISON})
                made.append(LeadUpsert(lead, origin, revision, row))
        return made

    def _disqualifies(self, kind: float) -> bool:
        return self.opt_outs + 0.1 <= kind < self.opt_outs + 0.22

    def _partial(
        self, lead: LeadId, origin: Origin, fields: dict[str, str], kind: float
    ) -> LeadChange:
        """Return a change that names some fields only; an opt-out then has no number."""
        chance = self.random
        if kind < self.opt_outs:
            row = Row({"dnc": "true"}, whole=False)
            return LeadOptOut(lead, origin, Revision(), row, frozenset())
        luck = chance.random()
        if luck < 0.1:
            rest = {name: text for name, text in fields.items() if name != "name"}
            change = LeadQuarantine if fields["status"] == "bad" else LeadUpsert
            return change(lead, origin, Revision(), Row(rest))
        if luck < 0.18:
            return LeadUpsert(lead, origin, Revision(), Row({"name": POISON}, whole=False))
        named = {
            name: fields[name] for name in chance.sample(sorted(fields), chance.choice([1, 2]))
        }
        if "mobile" in named and chance.random() < 0.2:
            named["mobile"] = ""
        change = LeadQuarantine if named.get("status") == "bad" else LeadUpsert
        return change(lead, origin, Revision(), Row(named, whole=False))

    def _load_foreign(self) -> None:
        if ALL not in self.policy.lists:
            return
        self.platform.poison = {POISON}
        if not self.policy.lists[ALL].adopt:
            return
        for lead in range(self.leads):
            for at in range(self.random.choice([0, 0, 1, 2])):
                place = (ALL, ContactId(f"foreign-{lead}-{at}"))
                self.loaded.add(LeadId(f"L{lead}"))
                data = {
                    "CRM_Lead_ID": f"L{lead}",
                    "Name": "old",
                    "Mobile": f"+{lead}9",
                    "Notes": "n",
                }
                usable = self.random.random() < 0.7
                self.platform.contacts[place] = Contact(place[1], ALL, data, usable)
                if not usable:
                    self.platform.disabled.add(place)

    def _start(self) -> None:
        """Let a worker take over: rows as they are durable, opt-outs accepted but not settled."""
        self.lanes: dict[LeadId, Lane] = {}
        self.queue: list[Command] = []
        self.cut: list[tuple[Command, str]] = []
        self.air: list[Command] = []
        self.outbound: list[SentFollower | SentOutcome | SentRow] = []
        self.at = dict(self.committed)
        self.settled: dict[Door, set[int]] = {Door.COMPLY: set(), Door.APPLY: set()}
        self.table = dict(self.rows)
        self.debts.take_over()
        self.backlog: dict[LeadId, OptOutBelief] = {}
        for change in self.topic[Door.COMPLY][self.committed[Door.COMPLY] :]:
            if change.origin.offset <= self._newest_read:
                old = self.backlog.get(change.lead)
                marks = raised(
                    old.marks if old else (), change.origin, change.revision, newer=True
                )
                by = old.by if old else change.origin.outcome_id
                self.backlog[change.lead] = OptOutBelief(change.origin.timestamp, by, marks)

    def _lane(self, lead: LeadId) -> Lane:
        if lead not in self.lanes:
            belief = self.table.get(lead, NOTHING_KNOWN)
            self.lanes[lead] = Lane(lead, belief, self.backlog.get(lead), self.policy)
            self.lanes[lead].deferral = self.debts.deferral
        return self.lanes[lead]

    def _run(self, lane: Lane, moves: Moves) -> None:
        for command in moves.withdraw:
            self.queue = [each for each in self.queue if each != command]
        self.queue.extend(ask.command for ask in moves.ask)
        if moves.done:
            self._settle(lane, moves.done)
        if moves.ahead is not None:
            self.outbound.append(SentRow(lane.lead, moves.ahead, places=moves.places))
        if lane.idle:
            del self.lanes[lane.lead]

    def _settle(self, lane: Lane, done: list[Done]) -> None:
        told = [each for each in done if each.verdict is not None]
        for each in done:
            if each.verdict is None:
                self.settled[each.pending.door].add(self._entry(each))
        for each in told:
            self.outbound.extend(SentFollower(opt_out) for opt_out in each.follows)
            self.outbound.append(SentOutcome(each))
        if told:
            row = lane.explained
            self.table[lane.lead] = row
            self.outbound.append(SentRow(lane.lead, row, tuple(told)))

    @staticmethod
    def _entry(done: Done) -> int:
        entry = done.pending.entry
        assert isinstance(entry, int)
        return entry

    def _deliver(self) -> None:
        """Make the oldest of what was produced durable: outcomes and rows share one order here."""
        match self.outbound.pop(0):
            case SentFollower(opt_out):
                self._produce(opt_out)
            case SentOutcome(done):
                self._tell(done)
            case SentRow(lead, row, told, places):
                self.rows[lead] = row
                for done in told:
                    self.settled[done.pending.door].add(self._entry(done))
                lane = self.lanes.get(lead)
                if places and lane is not None:
                    self._run(lane, lane.written(places, self.now))

    def _produce(self, opt_out: LeadOptOut) -> None:
        self.topic[Door.COMPLY].append(opt_out)
        self.topic[Door.APPLY].append(opt_out)

    def _tell(self, done: Done) -> None:
        assert done.verdict is not None
        self.outcomes.append((done.pending.change.origin.outcome_id, done.verdict, done.reason))

    def _commit(self) -> None:
        for door, done in self.settled.items():
            while self.committed[door] in done:
                self.committed[door] += 1

    def _read(self, door: Door) -> None:
        change = self.topic[door][self.at[door]]
        entry, self.at[door] = self.at[door], self.at[door] + 1
        self._newest_read = max(self._newest_read, change.origin.offset)
        lane = self._lane(change.lead)
        self._run(lane, lane.admit(Pending(change, door, entry, Progress(self.now)), self.now))

    def _open(self) -> list[Command]:
        """Return what waits for no gate."""
        if self.parked is None:
            return self.queue
        return [
            each
            for each in self.queue
            if isinstance(each, BlockNumber)
            or each.list_id != self.parked.place
            or self.parked.stop not in stop_of(each)
        ]

    def _park(self) -> None:
        self.parks -= 1
        stops = [Stop.ALL, Stop.ALL, Stop.INSERTS, Stop.UPDATES] if self.defers else [Stop.ALL]
        place = self.random.choice(sorted(self.policy.lists))
        self.parked = Scope(place, self.random.choice(stops))

    def _unpark(self) -> bool:
        """Open the gate that is shut, for nothing else is left; say whether there was one."""
        if self.parked is None:
            return False
        for lead in {change.lead for change in self.changes}:
            self._judge_beside(lead)
        self.parked = None
        self.debts.replan()
        return True

    def replan(self) -> None:
        """Plan every lane anew: what defers is another."""
        for lane in list(self.lanes.values()):
            lane.deferral = self.debts.deferral
            self._run(lane, lane.plan(self.now))

    def catch_up(self, lead: LeadId, members: list[Pending]) -> None:
        """Bring deferred changes to the lists that lack them."""
        lane = self._lane(lead)
        self._run(lane, lane.catch_up(members, self.now))

    def _judge_beside(self, lead: LeadId) -> None:
        """Beside a parked list, who may not be called is not callable, and who leaves goes.

        Not judged where an earlier change must end first, on all lists: one that was refused.
        """
        assert self.parked is not None
        mine = [change for change in self.changes if change.lead == lead]
        truth = self._truth(lead, mine)
        if any(isinstance(each, LeadOptOut) or is_poison(each) for each in mine):
            return
        for (list_id, _), contact in self.platform.contacts.items():
            if contact.data["CRM_Lead_ID"] != lead or list_id == self.parked.place:
                continue
            here = list_id == ALL or truth.told.get("region") == "south"
            if contact.callable and not (truth.callable and here):
                self.wrong[f"beside a parked list: still callable on {list_id}"] += 1
            if contact.callable and any(
                contact.data[column] != truth.told.get(name, contact.data[column])
                for column, name in MAPPED.items()
            ):
                self.wrong["beside a parked list: old row"] += 1

    def _cut(self) -> None:
        """Take a command into a batch: from then on nobody can withdraw it but `sent`."""
        command = self.random.choice(self._open())
        self.queue.remove(command)
        self.batches += 1
        self.cut.append((command, f"b{self.batches}"))

    def _send(self) -> None:
        command, batch_id = self.cut.pop(self.random.randrange(len(self.cut)))
        lane = self.lanes.get(command.lead)
        if lane is None:
            return
        if not lane.sent(command, batch_id, self.now):
            self._run(lane, lane.plan(self.now))
            return
        self._judge_sent(command)
        self.air.append(command)

    def _judge_sent(self, command: Command) -> None:
        if isinstance(command, UpsertContact | QuarantineContact):
            place = (command.list_id, command.contact)
            if any(
                isinstance(other, UpsertContact | QuarantineContact | RemoveContact)
                and (other.list_id, other.contact) == place
                for other in self.air
            ):
                self.wrong["two writes of one contact in the air"] += 1
            if command.write.callable and any(
                number[1:2] == command.lead[1] for number in self.platform.blocked
            ):
                self.wrong["callable row left after an opt-out was accepted"] += 1
            self._judge_blanks(command)
            if command.write.callable and place in self.platform.disabled:
                self.wrong["re-enabled what another disabled"] += 1

    def _judge_blanks(self, command: UpsertContact | QuarantineContact) -> None:
        """No column loses its text, but where the CRM named it and left it empty.

        An insert of a row that lacks a field knows nothing of what a killed worker put there: the
        rows behind it come again too.
        """
        before = self.platform.contacts.get((command.list_id, command.contact))
        if before is None or (isinstance(command, UpsertContact) and command.new):
            return
        named = [
            change.row.fields
            for change in self.changes
            if isinstance(change, LeadUpsert | LeadQuarantine) and change.lead == command.lead
        ]
        for column, text in before.data.items():
            emptied = column == "Mobile" and any(each.get("mobile") == "" for each in named)
            if text and not command.write.data[column] and not emptied:
                self.wrong["a column was blanked"] += 1

    def _answer(self) -> None:
        command = self.air.pop(self.random.randrange(len(self.air)))
        result = self._result(command)
        lane = self.lanes[command.lead]
        self._run(lane, lane.answered(command, result, self.now))

    def _result(self, command: Command) -> Result:
        chance = self.random.random()
        if chance < 0.72:
            return self.platform.serve(command)
        if chance < 0.82:
            return Refused(collision=chance < 0.76)
        if chance < 0.92:
            self.platform.serve(command)
        return Unknown()

    def _kill(self) -> None:
        for command in self.air:
            if self.random.random() < 0.5:
                self.platform.serve(command)
        for _ in range(self.random.randrange(len(self.outbound) + 1)):
            sent = self.outbound.pop(0)
            if isinstance(sent, SentRow):
                break
            if isinstance(sent, SentFollower):
                self._produce(sent.opt_out)
            else:
                self._tell(sent.done)
        self._start()

    def play(self) -> "World":
        """Play to the end: everything read, sent, answered, settled."""
        steps = 0
        while True:
            steps += 1
            self.now += self.random.choice([0.01, 0.01, 0.5, 5.0])
            if self.parks and self.parked is None and self.random.random() < 0.05:
                self._park()
            actions = [
                *([lambda: self._read(Door.APPLY)] if self._unread(Door.APPLY) else []),
                *([lambda: self._read(Door.COMPLY)] if self._unread(Door.COMPLY) else []),
                *([self._cut] * 2 if self._open() else []),
                *([self._send] * 2 if self.cut else []),
                *([self._answer] * 2 if self.air else []),
                *([self._deliver] * 2 if self.outbound else []),
                *([self._wake] if self._due() else []),
                *self.debts.actions(),
            ]
            if not actions:
                if self._unpark():
                    continue
                break
            if steps > 6_000:
                self.wrong["stuck"] += 1
                break
            if self.kills and self.random.random() < 0.02:
                self.kills -= 1
                self._kill()
                continue
            if self.random.random() < 0.2:
                self._commit()
            self.random.choice(actions)()
        self._judge_end()
        return self

    def _due(self) -> list[Lane]:
        return [
            lane
            for lane in self.lanes.values()
            if lane.again_at is not None and lane.again_at <= self.now
        ]

    def _wake(self) -> None:
        lane = self._due()[0]
        self._run(lane, lane.plan(self.now))

    def _unread(self, door: Door) -> bool:
        return self.at[door] < len(self.topic[door])

    def _judge_end(self) -> None:
        first: dict[str, tuple[Verdict, Reason | None]] = {}
        for outcome_id, verdict, reason in self.outcomes:
            first.setdefault(outcome_id, (verdict, reason))
        for change in self.changes:
            if change.origin.outcome_id not in first:
                self.wrong["no outcome"] += 1
        if self.lanes:
            self.wrong["a lane is left"] += 1
        if self.debts.records:
            self.wrong["something is left to catch up with"] += 1
        for lead in {change.lead for change in self.changes}:
            self._judge_lead(lead)
            self._judge_settling(lead, first)

    def _judge_settling(
        self, lead: LeadId, first: dict[str, tuple[Verdict, Reason | None]]
    ) -> None:
        """A lead's opt-outs are told in their order among themselves, and so is all else."""
        told = [change for change in self.changes if change.lead == lead]
        offsets = {change.origin.outcome_id: change.origin.offset for change in told}
        opt_outs = {c.origin.outcome_id for c in told if isinstance(c, LeadOptOut)}
        for these in (opt_outs, offsets.keys() - opt_outs):
            order = [offsets[OutcomeId(each)] for each in first if each in these]
            if order != sorted(order):
                self.wrong["settled out of order"] += 1

    def _judge_lead(self, lead: LeadId) -> None:
        mine = [change for change in self.changes if change.lead == lead]
        contacts = {
            place: contact
            for place, contact in self.platform.contacts.items()
            if contact.data["CRM_Lead_ID"] == lead
        }
        opt_outs = [change for change in mine if isinstance(change, LeadOptOut)]
        if opt_outs:
            if any(contact.callable for contact in contacts.values()):
                self.wrong["callable after opt-out"] += 1
            for change in _in_order(mine):
                if not isinstance(change, LeadOptOut | LeadUpsert | LeadQuarantine):
                    continue
                number = change.row.fields.get("mobile", "")
                late = change.origin.offset > opt_outs[0].origin.offset
                if (late or change in opt_outs) and number not in {"", *self.platform.blocked}:
                    self.wrong["a number is not blocked"] += 1
            before = self._truth(lead, [each for each in mine if _is_before(each, opt_outs[0])])
            number = before.told.get("mobile", "")
            known = before.present is Presence.YES and not before.doubtful
            if known and number not in {"", *self.platform.blocked}:
                self.wrong["a number that the contact had is not blocked"] += 1
            return
        self._judge_rows(lead, mine, contacts)

    def _judge_rows(
        self,
        lead: LeadId,
        mine: list[LeadChange],
        contacts: dict[tuple[ListId, ContactId], Contact],
    ) -> None:
        """Compare the lists with what the changes come to, as a delivery once would."""
        truth = self._truth(lead, mine)
        if truth.doubtful or (self.defers and any(map(is_poison, mine))):
            return  # what one list refused, another that deferred it meets in other company
        if truth.present is not Presence.YES and not contacts:
            return
        for list_id in self.policy.lists:
            there = [contact for place, contact in contacts.items() if place[0] == list_id]
            here = list_id == ALL or (truth.told.get("region") == "south" and not truth.left)
            if not (here and truth.callable and truth.present is not Presence.NO):
                if any(contact.callable for contact in there):
                    self.wrong[f"not converged: still callable on {list_id}"] += 1
                continue
            if not there:
                self.wrong[f"not converged: no contact on {list_id}"] += 1
            for contact in there:
                if any(
                    contact.data[column] != truth.told.get(name, contact.data[column])
                    for column, name in MAPPED.items()
                ):
                    self.wrong["not converged: old row"] += 1
                disabled = (list_id, contact.id) in self.platform.disabled
                if disabled == contact.callable:
                    self.wrong["not converged: callable"] += 1

    def _truth(self, lead: LeadId, mine: list[LeadChange]) -> RowTruth:
        removes = any(each.delete is Removal.REMOVE for each in self.policy.lists.values())
        ruled = ALL not in self.policy.lists
        truth = RowTruth(removes, ruled, foreign=lead in self.loaded)
        for change in _in_order(mine):
            truth.take(change)
        return truth


def is_poison(change: LeadChange) -> bool:
    """Say whether the platform refuses what *change* names."""
    return isinstance(change, LeadUpsert) and change.row.fields.get("name") == POISON


def _is_before(change: LeadChange, other: LeadChange) -> bool:
    return change.origin.offset < other.origin.offset


def _in_order(mine: list[LeadChange]) -> list[LeadChange]:
    """Return the changes that count: a revision that is lower than one of its source, or equal,
    does nothing (5), but opt-outs (6). Numbers of two sources have no order.
    """
    counted: list[LeadChange] = []
    highest: dict[str, int] = {}
    for change in mine:
        named, source = change.revision.named, change.origin.source
        if isinstance(change, LeadOptOut):
            counted.append(change)
        elif named is None or int(named) > highest.get(source, -1):
            counted.append(change)
            highest[source] = max(highest.get(source, -1), int(named or -1))
    return counted
