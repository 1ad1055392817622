"""Laws of the outbox: nothing lost, nothing added, order kept, every batch within its limits."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from connector.domain.command import (
    BlockNumber,
    Command,
    FetchContact,
    FindContacts,
    QuarantineContact,
    RemoveContact,
    UpsertContact,
    Urgency,
    Write,
)
from connector.domain.ids import ContactId, Digest, DncListId, LeadId, ListId, PhoneNumber
from connector.planning.batch import MOST, Batch, pool_of
from connector.planning.cargo import contact_of, size_of, stop_of
from connector.planning.gates import GateReason, Gates, Scope, Stop
from connector.planning.outbox import Limits, Outbox

LIMITS = Limits(count=3, bytes=900, linger=0.5)

leads = st.sampled_from([LeadId(f"L{number}") for number in range(6)])
lists = st.sampled_from([ListId("one"), ListId("two")])
contacts = st.sampled_from([ContactId(f"c{number}") for number in range(4)])
digests = st.sampled_from([Digest("x"), Digest("y")])
writes = st.builds(
    Write, st.just({"Name": "x" * 20}) | st.just({"Name": "é" * 300}), st.booleans()
)
upserts: st.SearchStrategy[Command] = st.builds(
    UpsertContact, leads, st.just(ListId("one")), contacts, digests, st.booleans(), writes
)
commands: st.SearchStrategy[Command] = st.one_of(
    st.builds(FindContacts, leads, lists),
    st.builds(FetchContact, leads, lists, contacts),
    st.builds(
        UpsertContact, leads, lists, contacts, digests, st.booleans(), writes, st.booleans()
    ),
    st.builds(QuarantineContact, leads, lists, contacts, digests, writes),
    st.builds(RemoveContact, leads, lists, contacts),
    st.builds(BlockNumber, leads, st.just(DncListId("dnc")), st.just(PhoneNumber("+15555550100"))),
)
scopes = st.builds(Scope, st.sampled_from(["one", "two", "dnc", "all"]), st.sampled_from(Stop))


class Slots(RuleBasedStateMachine):
    """Put, withdraw, take, shut and open in any order; the model is a plain dictionary."""

    def __init__(self) -> None:
        super().__init__()
        self.gates = Gates()
        self.outbox = Outbox(LIMITS, self.gates, "w1-")
        self.now = 0.0
        self.waiting: dict[Command, tuple[Urgency, float, bool]] = {}
        self.ids: set[str] = set()

    @rule(
        command=commands,
        urgency=st.sampled_from(Urgency),
        pause=st.sampled_from([0.0, 0.0, 0.3, 5.0]),
        alone=st.booleans(),
    )
    def put_one(self, command: Command, urgency: Urgency, pause: float, *, alone: bool) -> None:
        """Put any command, perhaps anew, perhaps with a pause."""
        self.put(command, urgency, pause, alone=alone)

    def put(self, command: Command, urgency: Urgency, pause: float, *, alone: bool) -> None:
        """Put a command, in the outbox and in the model."""
        not_before = self.now + pause if pause else 0.0
        self.outbox.put(command, urgency, self.now, not_before=not_before, alone=alone)
        self.waiting.pop(command, None)
        self.waiting[command] = (urgency, max(self.now, not_before), alone)

    @rule(burst=st.lists(upserts, min_size=2, max_size=6))
    def put_many(self, burst: list[Command]) -> None:
        """Put several writes of one list at once: batches get full and large."""
        for command in burst:
            self.put(command, Urgency.WRITE, 0.0, alone=False)

    @rule(command=commands)
    def withdraw(self, command: Command) -> None:
        """Withdraw any command, waiting or not."""
        assert self.outbox.withdraw(command) == (self.waiting.pop(command, None) is not None)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def withdraw_a_waiting_one(self, data: st.DataObject) -> None:
        """Withdraw a command that waits."""
        command = data.draw(st.sampled_from(list(self.waiting)))
        assert self.outbox.withdraw(command)
        del self.waiting[command]

    @rule(seconds=st.sampled_from([0.1, 0.5, 3.0, 20.0]))
    def time_passes(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    @rule(scope=scopes, seconds=st.sampled_from([1.0, float("inf")]))
    def a_gate_shuts(self, scope: Scope, seconds: float) -> None:
        """Shut a gate for a while or for good."""
        self.gates.shut(scope, GateReason.PERMISSION, self.now, self.now + seconds)

    @rule(scope=scopes)
    def a_gate_opens(self, scope: Scope) -> None:
        """Open a gate."""
        self.gates.open(scope)

    @rule(urgency=st.sampled_from(Urgency))
    def take(self, urgency: Urgency) -> None:
        """Take a batch: there is one exactly if something is due."""
        due = self.outbox.due(self.now, urgency)
        free = self.free()
        batch = self.outbox.take(self.now, urgency)
        assert (batch is not None) == (due == 0.0)
        if batch is not None:
            assert free.issuperset(batch.commands)
            self.judge(batch, urgency)
            for stop in {each for command in batch.commands for each in stop_of(command)}:
                self.tries_alone(Scope(batch.pool.place, stop))

    def free(self) -> set[Command]:
        """Return what waits and is held by no gate: asked before, for a batch tries its gates."""
        return {
            command
            for command in self.waiting
            if not self.gates.held(pool_of(command).place, stop_of(command), self.now)
        }

    def tries_alone(self, scope: Scope) -> None:
        """Hold back all else while one batch tries a gate."""
        for command in self.free():
            assert scope not in self.gates.now_shut or not (
                pool_of(command).place == scope.place and scope.stop in stop_of(command)
            )

    def judge(self, batch: Batch, urgency: Urgency) -> None:
        """Compare a batch with what waited."""
        assert batch.commands
        assert batch.id.startswith("w1-")
        assert batch.id not in self.ids
        self.ids.add(batch.id)
        kind = batch.pool.kind
        most = MOST[kind] if kind in ("find", "fetch", "block") else LIMITS.count
        assert len(batch) <= most
        assert len(batch) == 1 or sum(map(size_of, batch.commands)) <= LIMITS.bytes
        assert len({contact_of(each) for each in batch.commands}) == len(batch)
        for command in batch.commands:
            asked, ready, alone = self.waiting.pop(command)
            assert pool_of(command) == batch.pool
            assert ready <= self.now
            assert asked >= urgency
            assert asked == urgency or kind in ("find", "fetch")
            assert not alone or len(batch) == 1

    @rule()
    def everything_leaves_once_gates_are_open(self) -> None:
        """Take until nothing is left: everything left once."""
        for scope in self.gates.now_shut:
            self.gates.open(scope)
        self.now += 60.0
        for urgency in Urgency:
            while (batch := self.outbox.take(self.now, urgency)) is not None:
                self.judge(batch, urgency)
            assert self.outbox.due(self.now, urgency) is None
        assert not self.waiting

    @invariant()
    def the_same_commands_wait(self) -> None:
        """Hold what the model holds."""
        assert len(self.outbox) == len(self.waiting)
        assert all(command in self.outbox for command in self.waiting)

    @invariant()
    def what_is_urgent_and_free_is_due(self) -> None:
        """Let nothing urgent linger."""
        for command, (urgency, ready, _) in self.waiting.items():
            held = self.gates.held(pool_of(command).place, stop_of(command), self.now)
            if urgency is not Urgency.WRITE and ready <= self.now and not held:
                assert self.outbox.due(self.now, urgency) == 0.0


TestOutboxLaws = Slots.TestCase
