"""Every command that was sent ends in exactly one result, and the books agree with it.

Random batches against the simulator over a socket: culprits that the platform refuses, doubles,
withdrawals before any attempt, answers that lack contacts, break off, or never come
(architecture.md section 8, the fifth place where it goes wrong).
"""

import asyncio
import math
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from connector.domain.command import (
    BlockNumber,
    Command,
    FetchContact,
    FindContacts,
    QuarantineContact,
    RemoveContact,
    UpsertContact,
)
from connector.domain.result import (
    Accepted,
    Found,
    Gone,
    Refused,
    Rejected,
    Result,
    Seen,
    Unknown,
)
from tests.support.commands import (
    a_batch,
    a_block,
    a_fetch,
    a_find,
    a_quarantine,
    a_removal,
    an_upsert,
    contact_of,
    data_of,
)
from tests.support.platform_access import access
from tests.support.simulators import LIST, Json, Simulator, running_simulator

CULPRIT = "x" * 513
"""A cell that the platform refuses (512 characters at most)."""

ROUNDS = 2
"""How often what was refused is delivered again."""

CLEAN_FAULTS: list[Json] = [
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 429, "headers": {"Retry-After": "0"}},
    {"kind": "status", "status": 429, "headers": {"Retry-After": "30"}},
    {"kind": "status", "status": 409},
    {"kind": "status", "status": 403},
    {"kind": "status", "status": 413},
    {"kind": "status", "status": 401},
    {"kind": "status", "status": 400, "body": {"code": "contact.list.clear.in.progress"}},
]
"""Nothing is done, and the answer says so."""

DOUBTFUL_FAULTS: list[Json] = [
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 504, "apply": True},
    {"kind": "reset_before"},
    {"kind": "reset_after_apply"},
    {"kind": "half_body"},
    {"kind": "malformed_json"},
    {"kind": "apply_partially"},
]
"""What was done does not show in the answer."""


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    """Run one simulator for all examples; each starts it anew."""
    with running_simulator() as running:
        yield running


class Scene:
    """One example: what is asked, what goes wrong, what is withdrawn and when."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.kind = draw(
            st.sampled_from(["upsert", "quarantine", "remove", "block", "find", "fetch"])
        )
        self.leads = [f"L{n}" for n in range(draw(st.integers(1, 24)))]
        self.known = [lead for lead in self.leads if draw(st.booleans())]
        self.culprits = draw(st.sets(st.sampled_from(self.leads), max_size=3))
        self.doubles = draw(st.integers(0, 8)) if self.kind == "find" else 0
        faults = CLEAN_FAULTS + DOUBTFUL_FAULTS
        self.faults = draw(st.lists(st.sampled_from(faults), max_size=2))
        self.often = draw(st.sampled_from([0.2, 0.6]))
        self.seed = draw(st.integers(0, 10**6))
        self.withdrawn = draw(st.sampled_from([0.0, 0.1, 0.5]))
        self.request_bytes = draw(st.sampled_from([512_000, 4_096]))

    @property
    def doubtful(self) -> bool:
        """Say whether an answer may hide what was done."""
        return any(fault in DOUBTFUL_FAULTS for fault in self.faults)

    @property
    def too_large(self) -> bool:
        """Say whether the platform calls even a lone contact too large, whoever it is."""
        return any(fault.get("status") == 413 for fault in self.faults)

    def command(self, lead: str) -> Command:
        """Return what is asked for *lead*."""
        return asking(self.kind, lead, bad=lead in self.culprits)

    def __repr__(self) -> str:
        return f"Scene({vars(self)})"


def asking(kind: str, lead: str, *, bad: bool) -> Command:
    """Return a command of *kind* for *lead*; a *bad* one carries what the platform refuses."""
    name = CULPRIT if bad else f"new {lead}"
    match kind:
        case "upsert":
            return an_upsert(lead, FirstName=name)
        case "quarantine":
            return a_quarantine(lead, FirstName=name)
        case "remove":
            return a_removal(lead)
        case "block":
            return a_block(lead, f"+0{lead[1:]}" if bad else number_of(lead))
        case "find":
            return a_find(lead)
        case _:
            return a_fetch(lead)


def number_of(lead: str) -> str:
    """Return the number of *lead*."""
    return f"+1555123{int(lead[1:]):04d}"


scenes = st.composite(Scene)()


@given(scene=scenes)
def test_every_command_sent_ends_in_one_result_that_the_books_confirm(
    simulator: Simulator, scene: Scene
) -> None:
    """Withdrawn ones end in none; every request had a slot, and every slot its request."""
    asyncio.run(_play(simulator, scene))


@given(
    size=st.integers(1, 48),
    bad=st.sets(st.integers(0, 47), max_size=4),
    kind=st.sampled_from(["upsert", "quarantine", "block"]),
)
def test_a_culprit_costs_two_requests_for_each_halving(
    *, simulator: Simulator, size: int, bad: set[int], kind: str
) -> None:
    """At most 2 * ceil(log2 n) requests more for each, and its mates go through at once."""
    simulator.reset()
    culprits = {number for number in bad if number < size}
    commands = [asking(kind, f"L{number}", bad=number in culprits) for number in range(size)]
    told = asyncio.run(_delivered(simulator, commands))
    refused = {at for at, command in enumerate(commands) if isinstance(told[command], Rejected)}
    assert refused == culprits
    assert {type(result) for result in told.values()} <= {Accepted, Rejected}
    requests = len(simulator.journal()) - 2  # the token, and what was there before
    assert requests <= 1 + 2 * math.ceil(math.log2(size)) * len(culprits)
    assert not simulator.violations()


async def _delivered(simulator: Simulator, commands: list[Command]) -> dict[Command, Result]:
    async with access(simulator.url) as reached:
        known = [an_upsert(each.lead) for each in commands]
        assert {type(each) for each in (await reached.deliver(a_batch(known))).values()} == {
            Accepted
        }
        return await reached.deliver(a_batch(commands))


async def _play(simulator: Simulator, scene: Scene) -> None:
    simulator.reset()
    dice = Random(scene.seed)
    answers: dict[Command, bool] = {}

    def sent(command: Command) -> bool:
        answers[command] = dice.random() >= scene.withdrawn
        return answers[command]

    async with access(simulator.url, request_bytes=scene.request_bytes) as reached:
        if scene.known:
            before = a_batch([an_upsert(lead, FirstName=f"old {lead}") for lead in scene.known])
            assert {type(each) for each in (await reached.deliver(before)).values()} == {Accepted}
        for double in range(scene.doubles):
            others = [{"data": data_of(lead, Status=str(double))} for lead in scene.leads]
            simulator.put_contacts(others, LIST)
        for number, fault in enumerate(scene.faults):
            match = {"path": "/api/*", "probability": scene.often, "seed": scene.seed + number}
            simulator.arm(match, fault, count=3)
        results = await reached.deliver(
            a_batch([scene.command(lead) for lead in scene.leads]), sent
        )
        for _ in range(ROUNDS):
            # As the outbox does: what was given back leaves together once more.
            again = [each for each, result in results.items() if isinstance(result, Refused)]
            if again and not reached.silenced:
                results |= await reached.deliver(a_batch(again))
        granted = reached.platform.quota.granted
    assert set(results) == {command for command, may in answers.items() if may}
    assert granted == len(simulator.journal())
    books = {contact["id"]: contact for contact in simulator.contacts()}
    for lead in scene.leads:
        command = scene.command(lead)
        event(type(results.get(command)).__name__)
        _confirm(scene, lead, command, results.get(command), books, simulator)
    kinds = {violation.kind for violation in simulator.violations()}
    assert kinds <= ({"retried_400"} if scene.doubtful else set())


def _confirm(
    scene: Scene,
    lead: str,
    command: Command,
    result: Result | None,
    books: dict[str, Json],
    simulator: Simulator,
) -> None:
    """Compare one result with what the simulator holds."""
    done = _done(scene, lead, command, books, simulator)
    match result:
        case None | Refused() | Rejected():
            assert done is not True
        case Accepted():
            assert done is True or isinstance(command, RemoveContact)
        case Unknown():
            assert scene.doubtful
        case Gone():
            assert isinstance(command, QuarantineContact)
            assert lead not in scene.known
        case Found(contacts=contacts):
            held = {key for key, each in books.items() if each["data"]["CRM_Lead_ID"] == lead}
            assert {contact.id for contact in contacts} == held
        case Seen(contact=contact):
            seen: Any = None if contact is None else contact.data
            known = books.get(contact_of(lead))
            assert seen == (None if known is None else known["data"])
    if isinstance(result, Rejected) and result.text == "request.entity.too.large":
        assert scene.too_large, "nothing was too large, and nobody said so"
    elif isinstance(result, Rejected):
        assert lead in scene.culprits
        assert scene.kind in ("upsert", "quarantine", "block")


def _done(
    scene: Scene, lead: str, command: Command, books: dict[str, Json], simulator: Simulator
) -> bool | None:
    """Say whether the books hold what *command* asked for; None for reads."""
    held = books.get(contact_of(lead))
    match command:
        case UpsertContact(write=write):
            return held is not None and held["data"] == write.data
        case QuarantineContact(write=write):
            return held is not None and held["data"] == write.data and not held["callable"]
        case RemoveContact():
            return held is None and lead in scene.known
        case BlockNumber(number=number):
            return number in simulator.dnc()
        case FindContacts() | FetchContact():
            return None
