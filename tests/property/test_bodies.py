"""Whatever body comes, it is read or it is unknown: nothing raises, nothing is believed too soon.

Bytes, JSON of any shape, and true answers that were cut off or lost a field, for every call.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.command import Command
from connector.domain.ids import CampaignId, DncListId
from connector.domain.result import Accepted, Found, Receipt, Seen, Unknown
from connector.genesys.answer import Answer, Applied, Unclear
from connector.genesys.answers import classify
from connector.genesys.call import Call
from connector.genesys.requests import (
    Request,
    campaign_request,
    campaigns_request,
    dnc_list_request,
    list_request,
    list_size_request,
    request,
    turn_on_request,
)
from connector.genesys.responses import error_code, parse, read, results
from tests.support.commands import (
    BOOK,
    DNC_ID,
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

RECEIPT = Receipt(200, "correlation")
LEADS = ("1", "2", "3")
CONTACTS = [
    {
        "id": contact_of(lead),
        "contactListId": LIST_ID,
        "data": data_of(lead),
        "callable": True,
        "callRecords": {"Mobile": {"lastAttempt": "2026-11-01T10:00:00.000Z"}},
    }
    for lead in LEADS
]

A_CAMPAIGN = {
    "id": "spring",
    "version": 7,
    "campaignStatus": "complete",
    "alwaysRunning": False,
    "errors": [],
}


@dataclass(frozen=True)
class Exchanged:
    """A request of one call, the commands that it carries, and the body of a true answer."""

    request: Request
    commands: tuple[Command, ...]
    answer: object


def _exchanged(commands: list[Command], answer: object) -> Exchanged:
    return Exchanged(request(a_batch(commands), BOOK), tuple(commands), answer)


EXCHANGES: Mapping[Call, Exchanged] = {
    Call.TOKEN: Exchanged(
        Request(Call.TOKEN, "POST", "/oauth/token"),
        (),
        {"access_token": "opaque", "token_type": "bearer", "expires_in": 86_399},
    ),
    Call.LIST: Exchanged(
        list_request(LIST_ID),
        (),
        {
            "id": LIST_ID,
            "name": "Leads",
            "columnNames": ["CRM_Lead_ID", "Mobile"],
            "phoneColumns": [{"columnName": "Mobile", "type": "cell"}],
        },
    ),
    Call.LIST_SIZE: Exchanged(
        list_size_request(LIST_ID),
        (),
        {"id": LIST_ID, "name": "Leads", "columnNames": ["CRM_Lead_ID"], "size": 12_345},
    ),
    Call.DNC_LIST: Exchanged(
        dnc_list_request(DncListId(DNC_ID)), (), {"id": DNC_ID, "dncSourceType": "rds"}
    ),
    Call.SEARCH: _exchanged([a_find(lead) for lead in LEADS], {"entities": CONTACTS, "total": 3}),
    Call.BULK_READ: _exchanged([a_fetch(lead) for lead in LEADS], CONTACTS),
    Call.POST_CONTACTS: _exchanged([an_upsert(lead) for lead in LEADS], CONTACTS),
    Call.PUT_CONTACT: _exchanged([a_quarantine("1")], CONTACTS[0]),
    Call.DELETE_CONTACTS: _exchanged([a_removal(lead) for lead in LEADS], None),
    Call.POST_NUMBERS: _exchanged([a_block(each, f"+1555123000{each}") for each in LEADS], None),
    Call.CAMPAIGNS: Exchanged(
        campaigns_request(LIST_ID), (), {"entities": [A_CAMPAIGN], "pageCount": 1}
    ),
    Call.CAMPAIGN: Exchanged(campaign_request(CampaignId("spring")), (), A_CAMPAIGN),
    Call.PUT_CAMPAIGN: Exchanged(
        turn_on_request(CampaignId("spring"), A_CAMPAIGN), (), A_CAMPAIGN
    ),
}
READ_CALLS = [call for call, each in EXCHANGES.items() if each.answer is not None]

_NAMES = [
    "id",
    "data",
    "callable",
    "entities",
    "total",
    "code",
    "error",
    "callRecords",
    "lastAttempt",
    "columnNames",
    "phoneColumns",
    "dncSourceType",
    "access_token",
    "version",
    "campaignStatus",
    "pageCount",
    "size",
    "expires_in",
    "CRM_Lead_ID",
]

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["id", LIST_ID, contact_of("1"), "0001-01-01T00:00:00+14:00", "9999-12-31"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8) | st.sampled_from(_NAMES), inner, max_size=6)
    ),
    max_leaves=12,
)


@st.composite
def spoiled(draw: st.DrawFn, answer: object) -> object:
    """Return a true answer of which one part was lost or became something else."""
    deeper = draw(st.integers(0, 3)) > 0
    match answer:
        case dict() if answer and deeper:
            name = draw(st.sampled_from(sorted(answer)))
            if draw(st.booleans()):
                return {each: value for each, value in answer.items() if each != name}
            return {**answer, name: draw(spoiled(answer[name]))}
        case list() if answer and deeper:
            at = draw(st.integers(0, len(answer) - 1))
            if draw(st.booleans()):
                return [*answer[:at], *answer[at + 1 :]]
            return [*answer[:at], draw(spoiled(answer[at])), *answer[at + 1 :]]
        case _:
            return draw(json_values)


@st.composite
def bodies(draw: st.DrawFn, call: Call) -> bytes:
    """Return a body that may come: anything at all, JSON, or nearly what the call answers."""
    answer = EXCHANGES[call].answer
    match draw(st.sampled_from(["bytes", "json", "spoiled", "cut"])):
        case "bytes":
            return draw(st.binary(max_size=60))
        case "json":
            return orjson.dumps(draw(json_values))
        case "spoiled":
            return orjson.dumps(draw(spoiled(answer)))
        case _:
            whole = orjson.dumps(answer)
            return whole[: draw(st.integers(0, len(whole)))]


def _meant(call: Call, status: int, body: bytes) -> Answer:
    document = parse(body)
    reading = read(EXCHANGES[call].request, document)
    code = error_code(document)
    assert code is None or (len(code) <= 100 and code.isascii())
    return classify(call, status, code, None, readable=reading is not None)


@pytest.mark.parametrize("call", Call)
@given(data=st.data(), status=st.integers(100, 599))
def test_any_body_on_any_status_has_a_class(call: Call, status: int, data: st.DataObject) -> None:
    """Nothing raises, and the answer is of the closed union."""
    assert isinstance(_meant(call, status, data.draw(bodies(call))), get_args(Answer))


@pytest.mark.parametrize("call", Call)
@given(data=st.data())
def test_a_2xx_gives_each_command_one_result_and_none_too_good(
    call: Call, data: st.DataObject
) -> None:
    """What can be read answers every command; a contact counts only if the body names it."""
    exchanged, body = EXCHANGES[call], data.draw(bodies(call))
    if not isinstance(_meant(call, 200, body), Applied):
        return
    reading = read(exchanged.request, parse(body))
    told = results(exchanged.commands, reading, RECEIPT)
    assert set(told) == set(exchanged.commands)
    for command, result in told.items():
        assert isinstance(result, Accepted | Unknown | Found | Seen)
        if call in (Call.POST_CONTACTS, Call.PUT_CONTACT) and isinstance(result, Accepted):
            assert contact_of(command.lead).encode() in body


@pytest.mark.parametrize("call", READ_CALLS)
def test_a_true_answer_is_applied_and_every_cut_of_it_is_unknown(call: Call) -> None:
    """However many bytes a proxy swallowed, nothing of it is believed."""
    whole = orjson.dumps(EXCHANGES[call].answer)
    assert _meant(call, 200, whole) == Applied()
    for at in range(len(whole)):
        assert _meant(call, 200, whole[:at]) == Unclear(), at


@pytest.mark.parametrize("call", [Call.DELETE_CONTACTS, Call.POST_NUMBERS])
@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b"", Applied()),
        (b"null", Applied()),
        (b"{}", Applied()),
        (b"\r\n", Applied()),
        (b"<html>maintenance</html>", Unclear()),
        (b'{"id": ', Unclear()),
    ],
)
def test_a_call_that_answers_nothing_is_not_taken_from_a_page_of_a_proxy(
    call: Call, body: bytes, answer: Answer
) -> None:
    """An opted-out number counts as blocked only if the platform itself may have said so."""
    assert _meant(call, 204, body) == answer


@pytest.mark.parametrize(
    "grant",
    [
        {"access_token": "", "expires_in": 60},
        {"access_token": "opaque"},
        {"access_token": "two\r\nlines", "expires_in": 60},
        {"access_token": "opaque", "expires_in": 0},
        {"access_token": "opaque", "expires_in": -1},
        {"access_token": "opaque", "expires_in": "60"},
        {"access_token": "opaque", "expires_in": True},
    ],
)
def test_a_token_that_cannot_be_used_is_none(grant: object) -> None:
    """No request leaves with half a token, and none that has ended before it came."""
    assert _meant(Call.TOKEN, 200, orjson.dumps(grant)) == Unclear()
