"""Turn the answer of a request into what a fault makes of it."""

from collections.abc import Mapping

import orjson

from connector.simulator.call import Answer
from connector.simulator.errors import COMMON_CODES, Refusal, error_body, throttled
from connector.simulator.fault_spec import FaultAction

_DEFAULT_STATUS = 500


def faulty(action: FaultAction, correlation_id: str, status: int | None = None) -> Answer:
    """Return the answer that a fault describes; without a body, the error body of its status."""
    code = action.status or status or _DEFAULT_STATUS
    headers = tuple((name, str(value)) for name, value in action.headers.items())
    if isinstance(action.body, str):
        return Answer(code, action.body.encode(), headers)
    if action.body is not None:
        return Answer(code, orjson.dumps(action.body), headers)
    if code in COMMON_CODES:
        return Answer(code, error_body(_described(code, action.headers), correlation_id), headers)
    return Answer(code, b"{}", headers)


def partial(action: FaultAction, done: Answer, correlation_id: str) -> Answer:
    """Return the answer after half of a request was done.

    Where the answer names what was done, that is all the client is told; where it has no body
    the client sees a failure, else nothing would be wrong for it to see.
    """
    if action.status is None and done.content:
        return done
    return faulty(action, correlation_id)


def malformed(done: Answer) -> Answer:
    """Return the answer with a body that is not JSON."""
    status = 200 if done.status == 204 else done.status  # noqa: PLR2004 - 204 has no body
    body = done.content[: len(done.content) // 2] + b'"}{'
    return Answer(status, body, done.headers, done.quarantined)


def halved(done: Answer) -> Answer:
    """Return the answer whose body will be cut off in the middle; there must be one to cut."""
    if done.content:
        return done
    return Answer(200, b"{}", done.headers, done.quarantined)


def _described(status: int, headers: Mapping[str, str | int]) -> Refusal:
    if status == 429:  # noqa: PLR2004 - the one status whose text names a number
        given = {name.lower(): str(value) for name, value in headers.items()}
        waits = given.get("retry-after", "")
        return throttled(int(waits) if waits.isdigit() else 0)
    return Refusal(status, COMMON_CODES[status], "The simulator was told to answer so.")
