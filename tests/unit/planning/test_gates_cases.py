"""Cases of the gates: what they hold, for how long, and who opens them."""

import math

import pytest

from connector.planning.gates import (
    EVERYWHERE,
    FIRST_PAUSE,
    LONGEST_PAUSE,
    PROBE,
    GateReason,
    Gates,
    HoldReason,
    Scope,
    Stop,
)

LIST = Scope("list-1")
INSERT = (Stop.INSERTS, Stop.WRITES, Stop.ALL)
READ = (Stop.ALL,)


@pytest.mark.parametrize(
    ("shut", "place", "stops", "held"),
    [
        (Scope("list-1"), "list-1", READ, True),
        (Scope("list-1"), "list-2", INSERT, False),
        (Scope(EVERYWHERE), "list-2", READ, True),
        (Scope("list-1", Stop.INSERTS), "list-1", INSERT, True),
        (Scope("list-1", Stop.INSERTS), "list-1", (Stop.UPDATES, Stop.WRITES, Stop.ALL), False),
        (Scope(EVERYWHERE, Stop.WRITES), "list-1", INSERT, True),
        (Scope(EVERYWHERE, Stop.WRITES), "list-1", READ, False),
    ],
)
def test_a_gate_holds_its_place_and_its_kind(
    shut: Scope, place: str, stops: tuple[Stop, ...], *, held: bool
) -> None:
    """A gate stops what it names at the place it names, `all` everywhere."""
    gates = Gates()
    gates.shut(shut, GateReason.PERMISSION, 0.0, 10.0)
    assert gates.held(place, stops, 4.0) == (6.0 if held else 0.0)
    assert gates.held(place, stops, 10.0) == 0.0


def test_pauses_grow_until_someone_opens() -> None:
    """Each refusal after a pause doubles the next one, up to five minutes; `open` starts anew."""
    gates, now, pauses = Gates(), 0.0, []
    for _ in range(9):
        gate = gates.shut(LIST, GateReason.LIST_MISSING, now)
        pauses.append(gate.until - now)
        now = gate.until
    assert pauses[:4] == [FIRST_PAUSE, 10, 20, 40]
    assert pauses[-1] == LONGEST_PAUSE
    assert gates.reason(LIST) is GateReason.LIST_MISSING
    assert gates.now_shut[LIST].since == 0.0
    assert gates.open(LIST)
    assert not gates.open(LIST)
    assert gates.reason(LIST) is None
    assert gates.shut(LIST, GateReason.OUTAGE, now).until == now + FIRST_PAUSE


def test_refusals_that_were_in_the_air_together_count_once() -> None:
    """Ten requests refused in one second make one pause, not ten doublings."""
    gates = Gates()
    first = gates.shut(LIST, GateReason.PERMISSION, 0.0)
    assert gates.shut(LIST, GateReason.PERMISSION, 0.5) is first


def test_one_request_tries_a_gate_whose_pause_is_over() -> None:
    """The others wait for its answer; a refusal makes the next pause longer."""
    gates = Gates()
    gates.shut(LIST, GateReason.PERMISSION, 0.0)
    assert gates.held("list-1", READ, FIRST_PAUSE) == 0.0
    gates.try_out("list-1", READ, FIRST_PAUSE)
    assert gates.held("list-1", INSERT, FIRST_PAUSE + 1) > 0.0
    gates.shut(LIST, GateReason.PERMISSION, FIRST_PAUSE + 1)
    assert gates.held("list-1", READ, FIRST_PAUSE + 1) == 2 * FIRST_PAUSE


def test_a_try_without_an_answer_is_followed_by_the_next() -> None:
    """Whatever became of it: a request withdrawn at the last moment holds nobody for ever."""
    gates = Gates()
    gates.shut(LIST, GateReason.PERMISSION, 0.0)
    gates.try_out("list-1", READ, FIRST_PAUSE)
    assert gates.held("list-1", READ, FIRST_PAUSE + PROBE) == 0.0


def test_a_try_that_says_nothing_of_the_reason_lets_the_next_one_try() -> None:
    """A read goes well where writes are refused: the gate stays, and the write has its turn."""
    gates = Gates()
    gates.shut(LIST, GateReason.PERMISSION, 0.0)
    gates.passed(LIST, 1.0)
    assert not gates.tried(LIST)
    assert gates.held("list-1", READ, 1.0) == FIRST_PAUSE - 1.0
    gates.try_out("list-1", READ, FIRST_PAUSE)
    assert gates.tried(LIST)
    gates.passed(LIST, FIRST_PAUSE + 1)
    assert not gates.tried(LIST)
    assert gates.held("list-1", READ, FIRST_PAUSE + 1) == 0.0
    assert gates.reason(LIST) is GateReason.PERMISSION


def test_a_try_elsewhere_is_no_try_here() -> None:
    """Nor is what the gate does not stop."""
    gates = Gates()
    gates.shut(Scope("list-1", Stop.INSERTS), GateReason.LIMIT, 0.0)
    gates.try_out("list-1", READ, FIRST_PAUSE)
    gates.try_out("list-2", INSERT, FIRST_PAUSE)
    assert gates.held("list-1", INSERT, FIRST_PAUSE) == 0.0


def test_what_we_hold_back_ourselves_stays_until_it_is_let_go() -> None:
    """No answer of the platform opens it, nothing tries it, and each reason ends for itself."""
    gates = Gates()
    scope = Scope("list-1", Stop.INSERTS)
    assert gates.hold(scope, HoldReason.BRAKE)
    assert not gates.hold(scope, HoldReason.BRAKE)
    assert gates.hold(scope, HoldReason.UNCOVERED)
    assert gates.held("list-1", INSERT, 0.0) == math.inf
    assert gates.held("list-1", READ, 0.0) == 0.0
    gates.open(scope)
    gates.try_out("list-1", INSERT, 1e9)
    assert not gates.in_part("list-1", INSERT)
    assert gates.let_go(scope, HoldReason.BRAKE)
    assert not gates.let_go(scope, HoldReason.BRAKE)
    assert gates.held("list-1", INSERT, 1e9) == math.inf
    assert gates.now_held == {scope: frozenset({HoldReason.UNCOVERED})}
    assert gates.let_go(scope, HoldReason.UNCOVERED)
    assert gates.held("list-1", INSERT, 1e9) == 0.0
