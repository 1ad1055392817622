"""Cases of the outbox: when a batch is due, what is in it, and in which order."""

import pytest

from connector.domain.command import (
    BlockNumber,
    Command,
    FetchContact,
    FindContacts,
    QuarantineContact,
    UpsertContact,
    Urgency,
    Write,
)
from connector.domain.ids import ContactId, Digest, DncListId, LeadId, ListId, PhoneNumber
from connector.planning.brakes import Brake, Brakes
from connector.planning.gates import (
    EVERYWHERE,
    PROBE,
    GateReason,
    Gates,
    HoldReason,
    Scope,
    Stop,
)
from connector.planning.outbox import Limits, Outbox

LIST, OTHER = ListId("one"), ListId("two")
DATA = Write({"Name": "x"}, callable=True)


def upsert(number: int, place: ListId = LIST, *, new: bool = True, text: str = "x") -> Command:
    """Write a contact."""
    lead = LeadId(f"L{number}")
    write = Write({"Name": text}, callable=True)
    return UpsertContact(lead, place, ContactId(lead), Digest("d"), write.callable, write, new)


def quarantine(number: int) -> Command:
    """Make a contact uncallable."""
    lead = LeadId(f"L{number}")
    return QuarantineContact(lead, LIST, ContactId(lead), None, DATA)


def fetch(number: int) -> Command:
    """Read a contact."""
    return FetchContact(LeadId(f"L{number}"), LIST, ContactId(f"L{number}"))


def box(count: int = 3, size: int = 100_000) -> tuple[Outbox, Gates]:
    """Make an outbox of half a second's linger."""
    gates = Gates()
    return Outbox(Limits(count, size, 0.5), gates, "b"), gates


def taken(outbox: Outbox, now: float, urgency: Urgency = Urgency.WRITE) -> tuple[Command, ...]:
    """Take a batch that must be there."""
    batch = outbox.take(now, urgency)
    assert batch is not None
    return batch.commands


def test_writes_wait_until_the_batch_is_full() -> None:
    """Two of three linger, the third makes the batch due at once."""
    outbox, _ = box()
    outbox.put(upsert(1), Urgency.WRITE, 10.0)
    outbox.put(upsert(2), Urgency.WRITE, 10.1)
    assert outbox.due(10.2, Urgency.WRITE) == pytest.approx(0.3)
    assert outbox.take(10.2, Urgency.WRITE) is None
    outbox.put(upsert(3, new=False), Urgency.WRITE, 10.2)
    assert outbox.due(10.2, Urgency.WRITE) == 0.0
    assert taken(outbox, 10.2) == (upsert(1), upsert(2), upsert(3, new=False))
    assert outbox.due(10.2, Urgency.WRITE) is None


def test_the_oldest_lingers_no_longer_than_allowed() -> None:
    """After half a second a single write leaves alone."""
    outbox, _ = box()
    outbox.put(upsert(1), Urgency.WRITE, 10.0)
    assert taken(outbox, 10.5) == (upsert(1),)


def test_what_was_found_first_waits_for_those_found_with_it_under_backlog() -> None:
    """A lone lead found leaves at once; one before a backlog begins a full batch."""
    outbox, _ = box()
    outbox.put(upsert(1), Urgency.WRITE, 10.8, since=10.0)
    assert outbox.due(10.8, Urgency.WRITE) == 0.0
    for number in (5, 6):
        outbox.put(FindContacts(LeadId(f"L{number}"), LIST), Urgency.WRITE, 10.8)
    assert outbox.due(10.8, Urgency.WRITE) == pytest.approx(0.5)
    outbox.put(upsert(2), Urgency.WRITE, 11.0, since=10.1)
    outbox.put(upsert(3), Urgency.WRITE, 11.1, since=10.2)
    assert taken(outbox, 11.1) == (upsert(1), upsert(2), upsert(3))


def test_no_step_of_a_lead_waits_for_ever_for_company() -> None:
    """Five seconds after its record came, it leaves in a half batch."""
    outbox, _ = box()
    for number in (5, 6):
        outbox.put(FindContacts(LeadId(f"L{number}"), LIST), Urgency.WRITE, 14.8)
    outbox.put(upsert(1), Urgency.WRITE, 14.9, since=10.0)
    assert outbox.due(14.9, Urgency.WRITE) == pytest.approx(0.1)
    assert taken(outbox, 15.0) == (upsert(1),)


@pytest.mark.parametrize(
    ("command", "urgency"),
    [
        (quarantine(1), Urgency.WRITE),
        (quarantine(1), Urgency.COMPLIANCE),
        (fetch(1), Urgency.COMPLIANCE),
        (FindContacts(LeadId("L"), LIST), Urgency.COMPLIANCE),
        (BlockNumber(LeadId("L"), DncListId("d"), PhoneNumber("+15555550100")), Urgency.BLOCK),
    ],
)
def test_what_protects_leaves_at_once(command: Command, urgency: Urgency) -> None:
    """Blocks, opt-outs' reads and quarantines of any urgency do not linger."""
    outbox, _ = box()
    outbox.put(command, urgency, 10.0)
    assert outbox.due(10.0, urgency) == 0.0
    assert taken(outbox, 10.0, urgency) == (command,)


def test_reads_of_a_write_linger_but_ride_along_with_an_opt_out() -> None:
    """A read that waits for company takes a free place in a request that leaves anyway."""
    outbox, _ = box()
    outbox.put(fetch(1), Urgency.WRITE, 10.0)
    assert outbox.due(10.0, Urgency.WRITE) == 0.5
    outbox.put(fetch(2), Urgency.COMPLIANCE, 10.1)
    assert taken(outbox, 10.1, Urgency.COMPLIANCE) == (fetch(2), fetch(1))


def test_reads_go_by_the_platforms_limit() -> None:
    """A small batch size keeps writes small; a look-up still serves a hundred leads."""
    outbox, _ = box(count=3)
    for number in range(120):
        outbox.put(FindContacts(LeadId(f"L{number}"), LIST), Urgency.WRITE, 10.0)
        outbox.put(upsert(number), Urgency.WRITE, 10.0)
    sizes: dict[str, list[int]] = {}
    while (batch := outbox.take(11.0, Urgency.WRITE)) is not None:
        sizes.setdefault(batch.pool.kind.value, []).append(len(batch))
    assert sizes == {"find": [100, 20], "upsert": [3] * 40}


def test_the_pool_that_waited_longest_goes_first() -> None:
    """A slot goes to the list whose oldest command is oldest."""
    outbox, _ = box()
    outbox.put(upsert(1, OTHER), Urgency.WRITE, 10.0)
    outbox.put(upsert(2, LIST), Urgency.WRITE, 9.9 + 0.2)
    assert taken(outbox, 20.0) == (upsert(1, OTHER),)
    assert taken(outbox, 20.0) == (upsert(2, LIST),)


def test_a_half_batch_lets_full_ones_go_first_but_not_for_ever() -> None:
    """It fills up meanwhile, a lone quarantine of a write too; after five seconds it goes."""
    outbox, _ = box()
    outbox.put(upsert(1, OTHER), Urgency.WRITE, 10.0)
    outbox.put(quarantine(2), Urgency.WRITE, 10.0)
    for number in range(100):
        outbox.put(upsert(number, LIST), Urgency.WRITE, 12.0)
    for now in (12.0, 14.0, 16.9):
        assert len(taken(outbox, now)) == 3
    outbox.put(upsert(3, OTHER), Urgency.WRITE, 16.9)
    assert taken(outbox, 17.0) == (upsert(1, OTHER), upsert(3, OTHER))
    assert taken(outbox, 17.0) == (quarantine(2),)
    outbox.put(upsert(4, OTHER), Urgency.WRITE, 17.0)
    assert len(taken(outbox, 20.0)) == 3, "what went is passed over anew"


def test_an_opt_out_is_passed_over_by_nothing() -> None:
    """A full look-up of compliance does not go before a quarantine that waited longer."""
    outbox, _ = box()
    outbox.put(quarantine(1), Urgency.COMPLIANCE, 10.0)
    for number in range(120):
        outbox.put(FindContacts(LeadId(f"L{number}"), LIST), Urgency.COMPLIANCE, 10.1)
    assert taken(outbox, 10.2, Urgency.COMPLIANCE) == (quarantine(1),)


def test_bytes_close_a_batch_before_its_count_does() -> None:
    """What would make the request too large waits for the next; a lone large one still leaves."""
    outbox, _ = box(count=50, size=1000)
    for number, length in enumerate([300, 300, 300, 5000]):
        outbox.put(upsert(number, text="x" * length), Urgency.WRITE, 10.0)
    assert outbox.due(10.0, Urgency.WRITE) == 0.0
    assert [len(taken(outbox, 10.0)) for _ in range(3)] == [2, 1, 1]


def test_a_collided_contact_shares_no_request() -> None:
    """What stands alone neither takes company nor lingers, and waits its pause."""
    outbox, _ = box()
    for number in range(3):
        outbox.put(upsert(number), Urgency.WRITE, 10.0, not_before=10.5, alone=number == 1)
    assert outbox.due(10.2, Urgency.WRITE) == pytest.approx(0.3)
    assert taken(outbox, 10.5) == (upsert(1),)
    assert outbox.take(10.5, Urgency.WRITE) is None
    assert taken(outbox, 11.0) == (upsert(0), upsert(2))


def test_a_command_put_again_takes_its_new_urgency() -> None:
    """An opt-out lifts a look-up that waits already: it is there once, and due."""
    outbox, _ = box()
    outbox.put(fetch(1), Urgency.WRITE, 10.0)
    outbox.put(fetch(1), Urgency.COMPLIANCE, 10.0)
    assert len(outbox) == 1
    assert outbox.due(10.0, Urgency.WRITE) is None
    assert taken(outbox, 10.0, Urgency.COMPLIANCE) == (fetch(1),)


def test_a_shut_gate_holds_its_list_only() -> None:
    """A parked list waits for its gate, the other one does not; withdrawing still works."""
    outbox, gates = box()
    outbox.put(upsert(1, LIST), Urgency.WRITE, 10.0)
    outbox.put(upsert(2, OTHER), Urgency.WRITE, 10.0)
    gates.shut(Scope(LIST), GateReason.LIST_MISSING, 10.0, 30.0)
    assert taken(outbox, 11.0) == (upsert(2, OTHER),)
    assert outbox.due(11.0, Urgency.WRITE) == 19.0
    gates.shut(Scope(LIST), GateReason.LIST_MISSING, 11.0, float("inf"))
    assert outbox.due(11.0, Urgency.WRITE) is None
    assert outbox.withdraw(upsert(1, LIST))
    assert not outbox.withdraw(upsert(1, LIST))


def test_a_brake_on_inserts_lets_updates_pass() -> None:
    """Inserts and updates share requests, not gates."""
    outbox, gates = box()
    gates.shut(Scope(LIST, Stop.INSERTS), GateReason.LIMIT, 10.0, float("inf"))
    for number in range(4):
        outbox.put(upsert(number, new=number % 2 == 0), Urgency.WRITE, 10.0)
    assert taken(outbox, 10.5) == (upsert(1, new=False), upsert(3, new=False))
    gates.open(Scope(LIST, Stop.INSERTS))
    assert taken(outbox, 10.5) == (upsert(0), upsert(2))


def test_what_tries_a_full_list_leaves_alone() -> None:
    """One insert, when the pause is over; the updates neither wait for it nor go with it."""
    outbox, gates = box()
    until = gates.shut(Scope(LIST, Stop.INSERTS), GateReason.LIMIT, 10.0).until
    for number in range(4):
        outbox.put(upsert(number, new=number % 2 == 1), Urgency.WRITE, 10.0)
    assert taken(outbox, until) == (upsert(0, new=False), upsert(2, new=False))
    assert taken(outbox, until) == (upsert(1),)
    outbox.put(upsert(5, new=False), Urgency.WRITE, 10.0)
    assert taken(outbox, until) == (upsert(5, new=False),)
    assert outbox.take(until, Urgency.WRITE) is None
    assert taken(outbox, until + PROBE) == (upsert(3),)


def test_a_rate_cuts_a_batch_short_and_lets_updates_pass() -> None:
    """Not one insert more than the limit is in it; the rest stays where it waited."""
    gates = Gates()
    brakes = Brakes(gates, {Brake.INSERTS: 2})
    outbox = Outbox(Limits(3, 100_000, 0.5), gates, "b", brakes)
    for number in range(6):
        outbox.put(upsert(number, new=number != 4), Urgency.WRITE, 10.0)
    assert taken(outbox, 10.0) == (upsert(0), upsert(1), upsert(4, new=False))
    assert outbox.due(70.0, Urgency.WRITE) is None
    assert len(outbox) == 3
    gates.let_go(Scope(EVERYWHERE, Stop.INSERTS), HoldReason.BRAKE)
    assert outbox.take(70.0, Urgency.WRITE) is not None
    outbox.put(upsert(7), Urgency.WRITE, 71.0)
    assert outbox.take(72.0, Urgency.WRITE) is None
    assert HoldReason.BRAKE in gates.now_held[Scope(EVERYWHERE, Stop.INSERTS)]


def test_what_a_brake_holds_back_is_counted() -> None:
    """By what it stops and where, whether it is pulled or not."""
    outbox, _ = box()
    for number in range(3):
        outbox.put(upsert(number), Urgency.WRITE, 10.0)
    outbox.put(upsert(4, OTHER), Urgency.WRITE, 10.0)
    outbox.put(upsert(5, new=False), Urgency.WRITE, 10.0)
    outbox.put(quarantine(6), Urgency.COMPLIANCE, 10.0)
    everywhere = {stop: outbox.held_by(Scope(EVERYWHERE, stop)) for stop in Stop}
    assert everywhere == {
        Stop.INSERTS: 4,
        Stop.UPDATES: 1,
        Stop.DELETES: 0,
        Stop.WRITES: 5,
        Stop.ALL: 6,
    }
    assert outbox.held_by(Scope(OTHER, Stop.INSERTS)) == 1


def test_a_number_of_two_leads_stands_in_a_request_once() -> None:
    """Two leads that share a number block it in two requests, each answered for its lead."""
    outbox, _ = box()
    shared = [
        BlockNumber(LeadId(f"L{number}"), DncListId("d"), PhoneNumber("+15555550100"))
        for number in range(2)
    ]
    for command in shared:
        outbox.put(command, Urgency.BLOCK, 10.0)
    assert taken(outbox, 10.0, Urgency.BLOCK) == (shared[0],)
    assert taken(outbox, 10.0, Urgency.BLOCK) == (shared[1],)
