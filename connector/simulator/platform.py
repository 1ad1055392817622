"""Take one request the way the platform does: one step over the books, without a socket."""

import uuid
from dataclasses import dataclass
from typing import Literal

from connector.simulator import spoiling
from connector.simulator.call import Answer, Call
from connector.simulator.conduct import Told, personal_data
from connector.simulator.errors import Refusal, Refused, error_body, refuse, throttled
from connector.simulator.fault_spec import FaultAction
from connector.simulator.journal import Line, embed
from connector.simulator.permissions import lacking
from connector.simulator.routes import LOGIN, OF_MANY, Route, route
from connector.simulator.tokens import Caller
from connector.simulator.violations import ViolationKind
from connector.simulator.world import World

Manner = Literal["whole", "half", "reset"]

_UNAUTHORIZED = {
    "absent": ("authentication.required", "No authentication bearer token specified."),
    "unknown": ("bad.credentials", "Invalid login credentials."),
    "expired": ("bad.credentials", "The token has expired."),
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back over the wire: an answer, after `delay` seconds, whole or not."""

    answer: Answer
    correlation_id: str
    delay: float
    manner: Manner = "whole"


@dataclass(slots=True)
class _Course:
    """How a request went: what the platform did, and what its client is told.

    `as_made` says that the content is JSON of our own making.
    """

    answer: Answer
    applied: bool = False
    action: FaultAction | None = None
    manner: Manner = "whole"
    as_made: bool = True


def take(world: World, call: Call) -> Reply:
    """Carry a request out, judge it, write it down; return what its client is to get.

    Everything happens here and now; delays come after. So a request that its client gives up
    has taken effect before whatever that client sends next.
    """
    correlation_id = str(uuid.uuid4())
    world.jobs.settle(call.at)
    call.n = world.journal.next_n
    login = call.path == LOGIN
    caller = world.tokens.login(call) if login else world.tokens.caller(call)
    call.client = caller.client
    if call.flight.wire is not None:
        call.flight.wire.client = caller.client
    call.token = caller.token
    _judge(world, call)
    course = _course(world, call, caller, correlation_id)
    wait = _retry_after(course.answer)
    delay = world.latency.draw()
    if course.action is not None:
        delay += course.action.delay_ms / 1000
    if call.client is not None and wait is not None:
        busy = world.flights.shares(call.flight, call.client)
        world.conduct.told_to_wait(call.client, call.flight, Told(wait, call.at + delay, busy))
    if not login:
        world.conduct.refused(call, course.answer)
    _write_down(world, call, caller, course, correlation_id)
    return Reply(course.answer, correlation_id, delay, course.manner)


def _judge(world: World, call: Call) -> None:
    """Hold against the client what needs no answer to be wrong."""
    kind = personal_data(call.path, call.raw_query, world.books.digits)
    if kind is not None:
        world.hold_against(call, ViolationKind.PERSONAL_DATA_IN_URL, kind)
    if call.client is not None and world.conduct.inside_retry_after(call.client, call):
        world.hold_against(call, ViolationKind.INSIDE_RETRY_AFTER, f"client {call.client}")
    if world.conduct.repeats_refused(call):
        world.hold_against(call, ViolationKind.RETRIED_400, f"client {call.client}")


def _course(world: World, call: Call, caller: Caller, correlation_id: str) -> _Course:
    wait = world.quota.take(call.client, call.token, call.at) if call.client is not None else None
    if wait is not None:
        world.hold_against(call, ViolationKind.OVER_QUOTA, f"client {call.client}")
        return _Course(_refusal(throttled(wait), correlation_id))
    found = route(call.method, call.path)
    takes_many = isinstance(found, Route) and found.path in OF_MANY
    action = world.faults.before(call, takes_many=takes_many)
    if action is None:
        course = _carried_out(world, call, caller, found, correlation_id)
    else:
        call.partial = action.kind == "apply_partially"
        course = _spoiled(world, call, caller, found, action, correlation_id)
    if course.applied and course.answer.quarantined:
        enabled = world.enable_again(call, course.answer.quarantined)
        course.action = course.action or enabled
    return course


def _spoiled(
    world: World,
    call: Call,
    caller: Caller,
    found: Route | Refusal,
    action: FaultAction,
    correlation_id: str,
) -> _Course:
    """Play a fault: before, instead of or after what was asked."""
    kind = action.kind
    if kind == "reset_before":
        return _Course(Answer(0), action=action, manner="reset")
    if kind == "status" and not action.apply:
        return _Course(spoiling.faulty(action, correlation_id), action=action, as_made=False)
    course = _carried_out(world, call, caller, found, correlation_id)
    course.action = action
    if kind == "reset_after_apply":
        course.manner = "reset"
    elif kind == "status":
        faulty = spoiling.faulty(action, correlation_id)
        faulty.quarantined = course.answer.quarantined
        course.answer, course.as_made = faulty, False
    elif kind == "half_body":
        course.answer, course.manner = spoiling.halved(course.answer), "half"
    elif kind == "malformed_json":
        course.answer, course.as_made = spoiling.malformed(course.answer), False
    elif kind == "apply_partially" and course.applied:
        course.answer = spoiling.partial(action, course.answer, correlation_id)
        course.as_made = False
    return course


def _carried_out(
    world: World, call: Call, caller: Caller, found: Route | Refusal, correlation_id: str
) -> _Course:
    """Do what was asked, or refuse it."""
    try:
        _check_entry(world, call, caller)
        if isinstance(found, Refusal):
            return _Course(_refusal(found, correlation_id))
        denied = lacking(found.path, world.tokens.permissions(caller))
        if denied is not None:
            return _Course(_refusal(denied, correlation_id))
        call.parts = found.parts
        answer = found.path(world, call)
    except Refused as refused:
        for kind in refused.refusal.violations:
            world.hold_against(call, kind, refused.refusal.code)
        return _Course(_refusal(refused.refusal, correlation_id))
    return _Course(answer, applied=answer.accepted)


def _check_entry(world: World, call: Call, caller: Caller) -> None:
    """Refuse what no path sees: too large a body, a token that is not good."""
    limit = world.books.behaviour.request_bytes
    if len(call.body) > limit:
        raise refuse(413, "request.entity.too.large", f"A request has at most {limit} bytes.")
    if call.path != LOGIN and caller.standing != "good":
        code, text = _UNAUTHORIZED[caller.standing]
        raise refuse(401, code, text)


def _refusal(refusal: Refusal, correlation_id: str) -> Answer:
    return Answer(refusal.status, error_body(refusal, correlation_id), refusal.headers)


def _retry_after(answer: Answer) -> float | None:
    """Return how many seconds a 429 tells its client to wait."""
    if answer.status != 429:  # noqa: PLR2004
        return None
    for name, value in answer.headers:
        if name.lower() == "retry-after" and value.isdigit():
            return float(value)
    return None


def _write_down(
    world: World, call: Call, caller: Caller, course: _Course, correlation_id: str
) -> None:
    answer = course.answer
    seen = course.manner != "reset"
    if course.manner == "half":
        told: object = embed(answer.content[: len(answer.content) // 2])
    else:
        told = embed(answer.shown or answer.content, known_json=course.as_made) if seen else None
    shown = call.body if call.shown is None else call.shown
    world.journal.write(
        Line(
            at=call.at,
            method=call.method,
            path=call.path,
            query=call.query,
            token=caller.token,
            client=call.client,
            body=embed(shown, known_json=call.is_json or call.shown is not None),
            status=answer.status if seen else None,
            answer=told,
            applied=course.applied,
            fault=course.action.kind if course.action is not None else None,
            correlation_id=correlation_id,
        )
    )
