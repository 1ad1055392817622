"""The one table of answers, class by class (design.md section 6)."""

from typing import get_args

import pytest

from connector.genesys.answer import (
    Answer,
    Applied,
    Busy,
    Collided,
    Doubted,
    Environment,
    Missing,
    Oversized,
    Throttled,
    TokenSpent,
    Unavailable,
    Unclear,
    Unfit,
)
from connector.genesys.answers import RETRY_AFTER_DEFAULT, TABLE, classify, classify_broken
from connector.genesys.call import COMMAND_CALLS, CONTACT_WRITES, Call
from connector.planning.gates import GateReason

ANY = frozenset(Call)
API = ANY - {Call.TOKEN}
POST, PUT, DELETE = Call.POST_CONTACTS, Call.PUT_CONTACT, Call.DELETE_CONTACTS

CASES: list[tuple[frozenset[Call], int, str | None, float | None, Answer]] = [
    (API, 401, "bad.credentials", None, TokenSpent("bad.credentials")),
    (API, 401, None, None, TokenSpent()),
    (
        frozenset({Call.TOKEN}),
        400,
        "invalid_client",
        None,
        Environment(GateReason.CREDENTIALS, "invalid_client"),
    ),
    (
        frozenset({Call.TOKEN}),
        401,
        "invalid_client",
        None,
        Environment(GateReason.CREDENTIALS, "invalid_client"),
    ),
    (
        API,
        403,
        "missing.permissions",
        None,
        Environment(GateReason.PERMISSION, "missing.permissions"),
    ),
    (ANY, 408, "client.timeout", None, Unclear()),
    (ANY, 500, "internal.server.error", None, Unclear()),
    (ANY, 502, None, None, Unclear()),
    (ANY, 504, "request.timeout", None, Unclear()),
    (ANY, 599, None, None, Unclear()),
    (ANY, 501, "not.implemented", None, Environment(GateReason.OUTAGE, "not.implemented")),
    (ANY, 503, "service.unavailable", None, Unavailable()),
    (ANY, 503, None, 7.0, Unavailable(7.0)),
    (ANY, 413, "request.entity.too.large", None, Oversized("request.entity.too.large")),
    (ANY, 429, "too.many.requests.retry.after", 42.0, Throttled(42.0)),
    (ANY, 429, None, None, Throttled(RETRY_AFTER_DEFAULT)),
    (ANY, 429, None, 0.0, Throttled(0.0)),
    (CONTACT_WRITES, 409, "request.conflict", None, Collided("request.conflict")),
    (CONTACT_WRITES, 409, None, None, Collided()),
    (CONTACT_WRITES, 400, "contact.in.use", None, Collided("contact.in.use")),
    (ANY - CONTACT_WRITES, 409, "request.conflict", None, Busy()),
    (API, 400, "contact.list.clear.in.progress", None, Busy()),
    (API, 400, "contact.list.import.in.progress", None, Busy()),
    (API, 400, "dnc.list.import.in.progress", None, Busy()),
    (API, 400, "contact.bulk.operation.in.progress", None, Busy()),
    (API, 400, "client.failed.request", None, Busy()),
    (API, 400, "too.many.contacts.added", None, Oversized("too.many.contacts.added")),
    (API, 400, "too.many.contacts.requested", None, Oversized("too.many.contacts.requested")),
    (API, 400, "response.entity.too.large", None, Oversized("response.entity.too.large")),
    (
        API,
        400,
        "dnc.delete.entries.max.per.request.exceeded",
        None,
        Oversized("dnc.delete.entries.max.per.request.exceeded"),
    ),
    (CONTACT_WRITES | {Call.BULK_READ}, 400, "contact.does.not.exist", None, Missing()),
    (CONTACT_WRITES | {Call.BULK_READ}, 404, "contact.not.found", None, Missing()),
    (frozenset({PUT, DELETE}), 404, "resource.not.found", None, Doubted()),
    (frozenset({PUT, DELETE}), 404, None, None, Doubted()),
    (
        API,
        404,
        "contact.list.not.found",
        None,
        Environment(GateReason.LIST_MISSING, "contact.list.not.found"),
    ),
    (
        API - {PUT, DELETE},
        404,
        "resource.not.found",
        None,
        Environment(GateReason.LIST_MISSING, "resource.not.found"),
    ),
    (
        API,
        400,
        "contacts.per.org.limit.exceeded",
        None,
        Environment(GateReason.LIMIT, "contacts.per.org.limit.exceeded"),
    ),
    (
        API,
        400,
        "dnc.records.per.list.limit.exceeded",
        None,
        Environment(GateReason.LIMIT, "dnc.records.per.list.limit.exceeded"),
    ),
    (
        API,
        400,
        "dnc.phone.numbers.per.organization.limit.exceeded",
        None,
        Environment(GateReason.LIMIT, "dnc.phone.numbers.per.organization.limit.exceeded"),
    ),
    (
        API,
        400,
        "uploads.black.listed",
        None,
        Environment(GateReason.LIMIT, "uploads.black.listed"),
    ),
    (
        API,
        400,
        "dnc.source.operation.not.supported",
        None,
        Environment(GateReason.LIST_MISSING, "dnc.source.operation.not.supported"),
    ),
    (COMMAND_CALLS, 400, "invalid.contact.columns", None, Unfit("invalid.contact.columns")),
    (
        COMMAND_CALLS,
        400,
        "contact.datum.length.limit.exceeded",
        None,
        Unfit("contact.datum.length.limit.exceeded"),
    ),
    (
        COMMAND_CALLS,
        400,
        "contact.columns.limit.exceeded",
        None,
        Unfit("contact.columns.limit.exceeded"),
    ),
    (COMMAND_CALLS, 400, "constraint.validation", None, Unfit("constraint.validation")),
    (COMMAND_CALLS, 400, None, None, Unfit()),
    (
        frozenset({Call.LIST}),
        400,
        "bad.request",
        None,
        Environment(GateReason.OUTAGE, "bad.request"),
    ),
    (API, 405, "method.not.allowed", None, Environment(GateReason.OUTAGE, "method.not.allowed")),
    (
        API,
        415,
        "unsupported.media.type",
        None,
        Environment(GateReason.OUTAGE, "unsupported.media.type"),
    ),
    (ANY, 302, None, None, Environment(GateReason.OUTAGE)),
]


@pytest.mark.parametrize(("calls", "status", "code", "after", "answer"), CASES)
def test_each_answer_means_what_the_table_of_the_design_says(
    calls: frozenset[Call], status: int, code: str | None, after: float | None, answer: Answer
) -> None:
    """A status and a code mean the same on every call that they are listed for."""
    for call in calls:
        for readable in (True, False):
            assert classify(call, status, code, after, readable=readable) == answer, call


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
@pytest.mark.parametrize("call", Call)
def test_a_2xx_counts_only_with_a_readable_body(call: Call, status: int) -> None:
    """What cannot be read says nothing about what was done."""
    assert classify(call, status, None, None, readable=True) == Applied()
    assert classify(call, status, None, None, readable=False) == Unclear()


def test_a_broken_connection_is_in_doubt_only_after_sending() -> None:
    """What never left was not done."""
    assert classify_broken(sent=False) == Unavailable()
    assert classify_broken(sent=True) == Unclear()


def test_every_class_of_answer_is_in_the_cases() -> None:
    """The cases above, with 2xx, reach every member of the closed union."""
    reached = {type(answer) for *_, answer in CASES} | {Applied}
    assert reached == set(get_args(Answer))


def test_every_line_of_the_table_decides_something() -> None:
    """No line stands behind another that takes all of its answers."""
    probes = [
        (call, status, code, readable)
        for call in Call
        for status in range(100, 600)
        for code in {None, *(each.replace("*", "x") for line in TABLE for each in line.codes)}
        for readable in (True, False)
    ]
    deciding = {
        next(
            at
            for at, line in enumerate(TABLE)
            if line.matches(call, status, code, readable=readable)
        )
        for call, status, code, readable in probes
    }
    assert deciding == set(range(len(TABLE)))
