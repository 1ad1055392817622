"""Our client against the simulator over a socket: what each answer comes to."""

import asyncio
import logging
import socket
import time

import pytest

from connector.domain.command import Urgency
from connector.domain.ids import ListId
from connector.domain.reason import Reason
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
from connector.genesys.call import Call
from connector.genesys.lists import read_lists
from connector.planning.gates import EVERYWHERE, GateReason
from tests.support.commands import (
    LIST_ID,
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
from tests.support.simulators import (
    CLIENT,
    COLUMNS,
    DNC,
    LIST,
    Json,
    Simulator,
    a_seed,
)

POSTS = {"method": "POST", "path": "*/contacts"}
PUTS = {"method": "PUT", "path": "*/contacts/*"}
API = {"path": "/api/*"}
LOGIN = {"path": "/oauth/*"}


def status(code: int, error: str | None = None, **headers: str) -> Json:
    """Return the fault that answers with a status."""
    action: Json = {"kind": "status", "status": code, "headers": headers}
    return action if error is None else {**action, "body": {"code": error}}


async def test_what_was_delivered_stands_in_the_books(simulator: Simulator) -> None:
    """Each kind of command, with the receipt that support asks for."""
    async with access(simulator.url) as reached:
        upserts = [an_upsert(lead, FirstName=lead) for lead in ("1", "2", "3")]
        told = await reached.deliver(a_batch(upserts))
        (receipt,) = {each.receipt for each in told.values()}
        assert receipt.http_status == 200
        assert receipt.correlation_id == simulator.journal()[-1].correlation_id
        assert all(isinstance(each, Accepted) for each in told.values())
        assert {each["id"] for each in simulator.contacts()} == {"c-1", "c-2", "c-3"}
        quarantine = a_quarantine("1", FirstName="1")
        assert isinstance((await reached.deliver(a_batch([quarantine])))[quarantine], Accepted)
        both = a_batch([a_quarantine("1"), a_quarantine("2")])
        assert all(isinstance(each, Accepted) for each in (await reached.deliver(both)).values())
        fetched = await reached.deliver(a_batch([a_fetch("2"), a_fetch("9")]))
        seen, missing = fetched.values()
        assert isinstance(seen, Seen)
        assert seen.contact is not None
        assert seen.contact.callable is False
        assert seen.contact.data == data_of("2")
        assert set(seen.contact.kept) >= {"phoneNumberStatus", "contactableStatus"}
        assert isinstance(missing, Seen)
        assert missing.contact is None
        removal, block = a_removal("3"), a_block("1", "+15551230001")
        assert isinstance((await reached.deliver(a_batch([removal])))[removal], Accepted)
        assert isinstance((await reached.deliver(a_batch([block])))[block], Accepted)
        assert {each["id"] for each in simulator.contacts()} == {"c-1", "c-2"}
        assert set(simulator.dnc()) == {"+15551230001"}
    assert [each.method for each in simulator.journal()] == (
        ["POST", "POST", "PUT", "POST", "POST", "DELETE", "POST"]
    )


async def test_kept_parts_come_back_as_they_were_read(simulator: Simulator) -> None:
    """An update changes neither statuses nor columns that it does not name."""
    async with access(simulator.url) as reached:
        await reached.deliver(a_batch([an_upsert("1", Mobile="+15551230001")]))
        status_of = {"Mobile": {"callable": False}}
        kept = {"phoneNumberStatus": status_of}
        await reached.deliver(a_batch([an_upsert("1", kept=kept, Mobile="+15551230001")]))
        read = a_fetch("1")
        seen = (await reached.deliver(a_batch([read])))[read]
        assert isinstance(seen, Seen)
        assert seen.contact is not None
        assert seen.contact.kept["phoneNumberStatus"] == status_of


async def test_priority_is_a_query_of_the_batch(simulator: Simulator) -> None:
    """And `doNotQueue` stands on every POST."""
    async with access(simulator.url) as reached:
        await reached.deliver(a_batch([an_upsert("1", priority=True)]))
    assert dict(simulator.journal()[-1].query) == {"doNotQueue": "true", "priority": "true"}


async def test_doubles_beyond_one_page_are_all_found(simulator: Simulator) -> None:
    """One IN search for 60 leads with 3 contacts each is 2 pages, each with its own slot."""
    leads = [f"L{number}" for number in range(60)]
    for copy in range(3):
        simulator.put_contacts([{"data": data_of(lead, Status=str(copy))} for lead in leads])
    async with access(simulator.url) as reached:
        told = await reached.deliver(a_batch([a_find(lead) for lead in [*leads, "nobody"]]))
        assert [len(each.contacts) for each in told.values() if isinstance(each, Found)] == (
            [3] * 60 + [0]
        )
        assert reached.platform.quota.granted == len(simulator.journal()) == 3


@pytest.mark.parametrize(
    ("fault", "result"),
    [
        (status(500), Unknown),
        (status(502), Unknown),
        (status(504), Unknown),
        (status(408), Unknown),
        ({"kind": "reset_before"}, Unknown),
        ({"kind": "reset_after_apply"}, Unknown),
        ({"kind": "half_body"}, Unknown),
        ({"kind": "malformed_json"}, Unknown),
        ({"kind": "delay", "delay_ms": 600}, Unknown),
        (status(503), Refused),
        (status(400, "contact.list.clear.in.progress"), Refused),
        (status(403, "missing.permissions"), Refused),
        (status(404, "contact.list.not.found"), Refused),
        (status(400, "contacts.per.org.limit.exceeded"), Refused),
        (status(409, "request.conflict"), Refused),
        (status(400, "invalid.contact.columns"), Rejected),
        (status(400, "contact.does.not.exist"), Gone),
    ],
    ids=lambda each: str(each.get("status", each["kind"])) if isinstance(each, dict) else "",
)
async def test_each_answer_ends_a_lone_command_in_its_result(
    simulator: Simulator, fault: Json, result: type[Result]
) -> None:
    """One request, one result; nothing is repeated with the command in hand."""
    async with access(simulator.url, timeout=0.3) as reached:
        await reached.deliver(a_batch([an_upsert("1")]))
        begun = len(simulator.journal())
        simulator.arm(PUTS, fault)
        command = a_quarantine("1")
        told = await reached.deliver(a_batch([command]))
        assert type(told[command]) is result
        assert len(simulator.journal()) == begun + 1
        simulator.disarm()


async def test_a_bad_contact_is_found_and_its_mates_go_through(simulator: Simulator) -> None:
    """Two of fifty are refused: both are named by the platform's code, and no other."""
    bad = {"7", "31"}
    commands = [
        an_upsert(str(number), FirstName="x" * 513 if str(number) in bad else "Ann")
        for number in range(50)
    ]
    async with access(simulator.url) as reached:
        told = await reached.deliver(a_batch(commands))
    rejected = {each.lead: told[each] for each in commands if isinstance(told[each], Rejected)}
    assert set(rejected) == bad
    for each in rejected.values():
        assert isinstance(each, Rejected)
        assert (each.reason, each.text) == (
            Reason.REFUSED_BY_PLATFORM,
            "contact.datum.length.limit.exceeded",
        )
        assert each.receipt.http_status == 400
    assert len(simulator.contacts()) == 48
    assert len(simulator.journal()) <= 1 + 25


async def test_a_bad_number_does_not_keep_the_others_off_the_list(simulator: Simulator) -> None:
    """The DNC list takes the rest."""
    good = [a_block(str(number), f"+1555123000{number}") for number in range(5)]
    bad = a_block("9", "+0")
    async with access(simulator.url) as reached:
        told = await reached.deliver(a_batch([*good[:2], bad, *good[2:]]), urgency=Urgency.BLOCK)
    assert isinstance(told[bad], Rejected)
    assert set(simulator.dnc()) == {each.number for each in good}


async def test_a_collision_is_split_until_the_held_contact_stands_alone(
    simulator: Simulator,
) -> None:
    """Its mates go through; it comes back to be repeated after 500 ms."""
    commands = [an_upsert(lead) for lead in "abcd"]
    simulator.arm(POSTS, status(409, "request.conflict"), count=3)
    async with access(simulator.url) as reached:
        told = await reached.deliver(a_batch(commands))
    held = told[commands[0]]
    assert isinstance(held, Refused)
    assert (held.after, held.collision, held.receipt.http_status) == (0.5, True, 409)
    assert all(isinstance(told[each], Accepted) for each in commands[1:])


async def test_what_had_still_to_follow_a_failure_is_given_back_with_it(
    simulator: Simulator,
) -> None:
    """An outage in the middle of a split sends no further part into it, and loses none."""
    commands = [an_upsert(lead) for lead in "abcd"]
    simulator.arm({**POSTS, "nth": 1}, status(413))
    simulator.arm({**POSTS, "nth": 2}, {"kind": "reset_before"})
    async with access(simulator.url) as reached:
        told = await reached.deliver(a_batch(commands))
        posts = [each for each in reached.asked if each.call is Call.POST_CONTACTS]
    assert [each.answer for each in posts] == ["oversized", "unclear"]
    assert [type(told[each]) for each in commands] == [Unknown, Unknown, Refused, Refused]
    simulator.disarm()


async def test_a_batch_refused_for_its_data_leaves_no_second_time(simulator: Simulator) -> None:
    """Split, then an outage: the outbox cuts the same batch again, and it is split unasked.

    Also where the batch that comes back has one command more, which is withdrawn.
    """
    commands = [an_upsert(lead, FirstName="x" * 513 if lead == "a" else "Ann") for lead in "abcd"]
    other = an_upsert("other")
    async with access(simulator.url) as reached:
        for batch in (commands, [*commands, other]):
            begun = len(simulator.journal())
            simulator.arm({**POSTS, "nth": 2 if begun == 0 else 1}, status(503), count=1)
            told = await reached.deliver(a_batch(batch), lambda command: command is not other)
            assert {type(told[each]) for each in commands} == {Refused}
            simulator.disarm()
        told = await reached.deliver(a_batch(commands))
    assert [type(told[each]) for each in commands] == [Rejected, Accepted, Accepted, Accepted]
    bodies = [len(each.body) for each in simulator.journal() if each.path != "/oauth/token"]
    assert bodies == [4, 2, 2, 2, 1, 1, 2]


async def test_an_unknown_contact_is_gone_once_the_list_answers(simulator: Simulator) -> None:
    """`resource.not.found` may mean either; asking for the list tells."""
    command = a_quarantine("nobody")
    async with access(simulator.url) as reached:
        told = await reached.deliver(a_batch([command]))
        assert type(told[command]) is Gone
        assert not reached.parked
        simulator.arm({"method": "GET"}, status(404, "resource.not.found"), count=1)
        told = await reached.deliver(a_batch([command]))
        assert type(told[command]) is Refused
        assert [(each.scope, each.reason) for each in reached.parked] == (
            [(LIST, GateReason.LIST_MISSING)]
        )


async def test_the_environment_parks_and_loses_nothing(simulator: Simulator) -> None:
    """A 403 rejects nobody; each repeat waits longer."""
    simulator.arm(POSTS, status(403, "missing.permissions"))
    commands = [an_upsert(lead) for lead in "abc"]
    async with access(simulator.url) as reached:
        for _ in range(3):
            told = await reached.deliver(a_batch(commands))
            assert all(isinstance(each, Refused) for each in told.values())
        assert {(each.scope, each.reason, each.code) for each in reached.parked} == (
            {(LIST, GateReason.PERMISSION, "missing.permissions")}
        )
    assert len(simulator.journal()) == 4


async def test_a_429_silences_the_whole_client_for_as_long_as_it_says(
    simulator: Simulator,
) -> None:
    """A long one is given back with its seconds; a short one is waited out."""
    simulator.arm(POSTS, status(429, **{"Retry-After": "1"}), count=1)
    async with access(simulator.url) as reached:
        begun = time.monotonic()
        command = an_upsert("1")
        assert isinstance((await reached.deliver(a_batch([command])))[command], Accepted)
        assert time.monotonic() - begun >= 1.0
        assert reached.silenced[0].alarm is False
        simulator.arm(POSTS, status(429, **{"Retry-After": "600"}), count=1)
        told = await reached.deliver(a_batch([command, an_upsert("2")]))
        assert {type(each) for each in told.values()} == {Refused}
        assert [each.after for each in told.values() if isinstance(each, Refused)] == [600, 600]
        assert reached.silenced[1].alarm is True
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reached.platform.quota.slot(Urgency.BLOCK), 0.3)


async def test_a_silence_that_never_ends_is_given_back(simulator: Simulator) -> None:
    """However short each 429 is: four attempts with the commands in hand, then the outbox's."""
    simulator.arm(POSTS, status(429, **{"Retry-After": "0"}))
    command = an_upsert("1")
    async with access(simulator.url) as reached:
        assert isinstance((await reached.deliver(a_batch([command])))[command], Refused)
        assert [each.status for each in simulator.journal()] == [200, 429, 429, 429, 429]
        assert reached.platform.quota.granted == len(simulator.journal())
    simulator.disarm()


@pytest.mark.parametrize("sleeps", ["login", "slot", "silence"])
async def test_whatever_a_delivery_waits_for_a_shutdown_cuts_it_short(
    simulator: Simulator, sleeps: str
) -> None:
    """The pause before a further token request, a slot, the end of a 429: cut off at once, and
    nothing leaves any more.
    """
    allowance = 4.0 if sleeps == "slot" else 600_000.0
    match sleeps:
        case "login":
            simulator.arm(LOGIN, status(503, **{"Retry-After": "2"}))
        case "silence":
            simulator.arm(POSTS, status(429, **{"Retry-After": "1"}))
        case _:
            pass
    async with access(simulator.url, allowance=allowance) as reached:
        task = asyncio.create_task(reached.deliver(a_batch([an_upsert("1")])))
        await asyncio.sleep(0.3)
        requests = len(simulator.journal())
        assert requests == {"login": 1, "slot": 0, "silence": 2}[sleeps]
        begun = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.monotonic() - begun < 0.2
        assert reached.platform.quota.granted == requests
        await asyncio.sleep(1.0)
        assert len(simulator.journal()) == requests
    simulator.disarm()


async def test_a_spent_token_is_renewed_once_for_all(simulator: Simulator) -> None:
    """Ten deliveries meet a 401 together: one new token, and nobody notices."""
    async with access(simulator.url) as reached:
        await reached.deliver(a_batch([an_upsert("first")]))
        simulator.revoke_tokens()
        simulator.set_latency(50)
        batches = [a_batch([an_upsert(str(number))]) for number in range(10)]
        told = await asyncio.gather(*(reached.deliver(batch) for batch in batches))
        assert all(isinstance(each, Accepted) for one in told for each in one.values())
        tokens = [each for each in simulator.journal() if each.path == "/oauth/token"]
        assert len(tokens) == 2
        assert reached.platform.quota.granted == len(simulator.journal())


async def test_a_401_that_a_new_token_does_not_end_parks_everything(simulator: Simulator) -> None:
    """Renewed once, tried once more, then it is the credentials."""
    simulator.arm(POSTS, status(401, "bad.credentials"))
    command = an_upsert("1")
    async with access(simulator.url) as reached:
        told = await reached.deliver(a_batch([command]))
        assert type(told[command]) is Refused
        assert {(each.scope, each.reason) for each in reached.parked} == (
            {(EVERYWHERE, GateReason.CREDENTIALS)}
        )
    assert [each.status for each in simulator.journal()] == [200, 401, 200, 401]


async def test_a_token_is_renewed_ahead_of_its_end(simulator: Simulator) -> None:
    """A minute before, and by one request."""
    offset = [0.0]
    async with access(simulator.url, clock=lambda: time.monotonic() + offset[0]) as reached:
        for seconds, tokens in ((0, 1), (86_300, 1), (86_345, 2), (86_350, 2)):
            offset[0] = float(seconds)
            await reached.deliver(a_batch([an_upsert("1")]))
            asked = [each for each in reached.asked if each.call is Call.TOKEN]
            assert len(asked) == tokens


async def test_a_renewal_that_fails_leaves_the_old_token_in_use(simulator: Simulator) -> None:
    """The login being away delays nobody while the old token lives."""
    offset = [0.0]
    async with access(simulator.url, clock=lambda: time.monotonic() + offset[0]) as reached:
        await reached.deliver(a_batch([an_upsert("1")]))
        simulator.arm(LOGIN, status(503))
        offset[0] = 86_345.0
        for lead in "23":
            command = an_upsert(lead)
            assert isinstance((await reached.deliver(a_batch([command])))[command], Accepted)
    simulator.disarm()


async def test_wrong_credentials_are_asked_once_and_refuse_everything(
    simulator: Simulator,
) -> None:
    """No request of a command leaves, none is lost, the gate for everything is to shut."""
    async with access(simulator.url, secret="wrong") as reached:
        batches = [a_batch([an_upsert(str(number))]) for number in range(5)]
        told = await asyncio.gather(*(reached.deliver(batch) for batch in batches))
        assert {type(each) for one in told for each in one.values()} == {Refused}
        assert {(each.scope, each.reason, each.code) for each in reached.parked} == (
            {(EVERYWHERE, GateReason.CREDENTIALS, "invalid_client")}
        )
        assert reached.platform.quota.granted == len(simulator.journal())
    assert {each.path for each in simulator.journal()} == {"/oauth/token"}


async def test_a_login_that_is_away_refuses_what_it_held_up(simulator: Simulator) -> None:
    """The command never left, so nothing is in doubt, though the token's request broke."""
    simulator.arm(LOGIN, {"kind": "reset_after_apply"})
    command = an_upsert("1")
    async with access(simulator.url) as reached:
        told = await reached.deliver(a_batch([command]))
        assert type(told[command]) is Refused
    simulator.disarm()
    assert {each.path for each in simulator.journal()} == {"/oauth/token"}


async def test_a_login_that_asks_for_time_is_given_it(simulator: Simulator) -> None:
    """One token request; what it held up waits as long as the login said, and no request with it.

    A 413 of the login is no fault of the data that waited for its token.
    """
    simulator.arm(LOGIN, status(503, **{"Retry-After": "30"}))
    command = an_upsert("1")
    offset = [0.0]
    async with access(simulator.url, clock=lambda: time.monotonic() + offset[0]) as reached:
        for _ in range(3):
            told = await reached.deliver(a_batch([command]))
            refused = told[command]
            assert isinstance(refused, Refused)
            assert refused.after >= 30
        assert len(simulator.journal()) == 1
        offset[0] = 40.0
        simulator.disarm()
        simulator.arm(LOGIN, status(413))
        told = await reached.deliver(a_batch([command]))
        assert type(told[command]) is Refused
        assert {each.reason for each in reached.parked} == {GateReason.OUTAGE}
        simulator.disarm()


async def test_a_platform_out_of_reach_refuses() -> None:
    """What never left was not done; the failure is named without any text."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        command = an_upsert("1")
        async with access(url) as reached:
            told = await reached.deliver(a_batch([command]))
            assert type(told[command]) is Refused
            assert {each.broken for each in reached.asked} == {
                "ConnectError: ConnectionRefusedError"
            }


async def test_permission_is_asked_right_before_each_write(simulator: Simulator) -> None:
    """A lease that lapsed stops the request: what it raises goes through, nothing leaves."""
    allowed = [3]

    class LapsedError(Exception):
        """The lease is over."""

    def permit() -> None:
        if not allowed[0]:
            raise LapsedError
        allowed[0] -= 1

    async with access(simulator.url, permit=permit) as reached:
        for lead in "12":
            await reached.deliver(a_batch([an_upsert(lead)]))
        with pytest.raises(LapsedError):
            await reached.deliver(a_batch([an_upsert("3")]))
    assert len(simulator.journal()) == 3
    assert [each["id"] for each in simulator.contacts()] == ["c-1", "c-2"]


async def test_what_is_withdrawn_between_two_attempts_has_no_result(simulator: Simulator) -> None:
    """After a 400 for the batch an opt-out may still take a mate out."""
    bad, mate, withdrawn = an_upsert("1", FirstName="x" * 513), an_upsert("2"), an_upsert("3")
    asked: list[str] = []

    def sent(command: object) -> bool:
        asked.append(str(getattr(command, "lead", "")))
        return command is not withdrawn or asked.count("3") == 1

    async with access(simulator.url) as reached:
        told = await reached.deliver(a_batch([withdrawn, bad, mate]), sent)
    assert set(told) == {bad, mate}
    assert isinstance(told[bad], Rejected)
    assert [each["id"] for each in simulator.contacts()] == ["c-2"]


async def test_a_withdrawn_batch_gives_its_slot_back(simulator: Simulator) -> None:
    """Nothing leaves, and the budget is whole."""
    async with access(simulator.url) as reached:
        await reached.deliver(a_batch([an_upsert("1")]))
        before = reached.platform.quota.granted
        assert await reached.deliver(a_batch([an_upsert("2")]), lambda _: False) == {}
        assert reached.platform.quota.granted == before == len(simulator.journal())


async def test_requests_keep_to_the_sizes_that_the_platform_takes(simulator: Simulator) -> None:
    """By bytes of the body and of the address; a contact too large for any request is rejected."""
    commands = [an_upsert(str(number), FirstName="x" * 500) for number in range(20)]
    async with access(simulator.url, request_bytes=4_096) as reached:
        told = await reached.deliver(a_batch(commands))
        assert all(isinstance(each, Accepted) for each in told.values())
        huge = an_upsert("huge", FirstName="y" * 5_000)
        (result,) = (await reached.deliver(a_batch([huge]))).values()
        assert isinstance(result, Rejected)
        assert result.text == "request.entity.too.large"
        removals = [a_removal(f"{number:060d}") for number in range(250)]
        told = await reached.deliver(a_batch(removals))
        assert all(isinstance(each, Accepted) for each in told.values())
    posts = [
        each for each in simulator.journal() if each.method == "POST" and "contacts" in each.path
    ]
    assert len(posts) == 4
    deletes = [each for each in simulator.journal() if each.method == "DELETE"]
    assert max(len(each.query["contactIds"]) for each in deletes) <= 6_000


async def test_a_413_is_split_too(simulator: Simulator) -> None:
    """The platform's limit may be lower than the setting."""
    simulator.reset(a_seed(behaviour={"request_bytes": 1_000}))
    async with access(simulator.url) as reached:
        told = await reached.deliver(a_batch([an_upsert(str(number)) for number in range(20)]))
    assert all(isinstance(each, Accepted) for each in told.values())
    assert len(simulator.contacts()) == 20


async def test_lists_are_read_with_their_columns(simulator: Simulator) -> None:
    """The others are named with what to do: a person reads it."""
    nowhere = ListId("aaaaaaaa-0000-4000-8000-00000000dead")
    async with access(simulator.url) as reached:
        book, unread = await read_lists(reached.platform.exchange, [LIST_ID, nowhere], lambda: 0.0)
    assert book.columns(LIST_ID) == COLUMNS
    assert book.lists[LIST_ID].phones.keys() == {"Mobile", "Home"}
    assert [(each.list_id, each.refused) for each in unread] == [
        (nowhere, GateReason.LIST_MISSING)
    ]
    assert "check contact_list in the settings" in str(unread[0])


async def test_lists_out_of_reach_are_to_be_waited_for(simulator: Simulator) -> None:
    """No answer refuses nothing; wrong credentials do."""
    simulator.arm(API, status(503))
    async with access(simulator.url) as reached:
        _, (unread,) = await read_lists(reached.platform.exchange, [LIST_ID], lambda: 0.0)
    assert unread.refused is None
    assert "HTTP 503" in str(unread)
    assert len(simulator.journal()) == 4
    simulator.disarm()
    async with access(simulator.url, secret="wrong") as reached:
        _, (unread,) = await read_lists(reached.platform.exchange, [LIST_ID], lambda: 0.0)
    assert unread.refused is GateReason.CREDENTIALS


async def test_nothing_personal_or_secret_is_told(
    simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither in logs of any library, nor in notices, results and reprs."""
    caplog.set_level(logging.DEBUG)
    number, name, secret = "+15551230001", "Annabelle", "5ecret-0f-the-client"
    client = {**CLIENT, "client_secret": secret, "requests_per_minute": 10_000}
    simulator.reset(a_seed(clients=[client]))
    commands = [an_upsert("1", Mobile=number, FirstName=name), an_upsert("2", FirstName="x" * 513)]
    shown: list[object] = [commands]
    async with access(simulator.url, secret=secret) as reached:
        shown.append(await reached.deliver(a_batch(commands)))
        for command in (a_fetch("1"), a_find("1"), a_block("1", number), a_quarantine("1")):
            shown.append(await reached.deliver(a_batch([command])))
        simulator.revoke_tokens()
        simulator.arm(API, {"kind": "half_body"}, count=2)
        shown.append(await reached.deliver(a_batch([an_upsert("3", Mobile=number)])))
        shown += [reached.notices, reached.platform, reached.platform.exchange]
    told = caplog.text + repr(shown)
    assert "c-1" in told
    for hidden in (number, number[1:], name, secret, "Bearer", "Basic"):
        assert hidden not in told
    assert {each.place for each in reached.asked} == {"", LIST, DNC}


async def test_contact_ids_of_other_loaders_are_found_by_their_lead(simulator: Simulator) -> None:
    """A look-up answers with the id to update, and with what an agent did there."""
    (theirs,) = simulator.put_contacts([{"data": data_of("1", Mobile="+15551230001")}])
    records = {"Mobile": {"lastAttempt": "2026-11-01T10:00:00.000Z", "lastResult": "x"}}
    simulator.patch_contact(theirs["id"], callable=False, call_records=records)
    command = a_find("1")
    async with access(simulator.url) as reached:
        found = (await reached.deliver(a_batch([command])))[command]
    assert isinstance(found, Found)
    (contact,) = found.contacts
    assert contact.id == theirs["id"] != contact_of("1")
    assert contact.callable is False
    assert contact.last_attempt == 1_793_527_200_000
