"""Refuse a request the way the platform does: one error body, the documented codes."""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from connector.simulator.violations import ViolationKind


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a refused request is told.

    `status` is the HTTP status, `code` the platform's code, `details` pairs of field name and
    error code, `headers` go out as they are, `violations` are written down beside the journal,
    `limit` is the `Limit` that was reached.
    """

    status: int
    code: str
    message: str
    details: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    violations: tuple[ViolationKind, ...] = ()
    limit: Mapping[str, object] | None = None


class Refused(Exception):  # noqa: N818 - the platform's word; it is an answer, not a failure of ours
    """Leave a path early with a refusal; the platform turns it into an answer.

    Raised by every path; caught in one place, `platform.py`.
    """

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"{refusal.status} {refusal.code}")
        self.refusal = refusal


def refuse(status: int, code: str, message: str) -> Refused:
    """Return the exception that answers with `status` and `code`."""
    return Refused(Refusal(status, code, message))


def no_such_list(list_id: str) -> Refused:
    """Return the refusal of a contact list that is not there."""
    return refuse(404, "contact.list.not.found", f"No contact list {list_id}.")


def no_such_thing(what: str) -> Refused:
    """Return the refusal of anything else that is not there."""
    return refuse(404, "resource.not.found", f"No {what}.")


def error_body(refusal: Refusal, correlation_id: str) -> bytes:
    """Encode the platform's `ErrorBody`; `contextId` is the correlation id of the answer."""
    return orjson.dumps(
        {
            "message": refusal.message,
            "code": refusal.code,
            "status": refusal.status,
            "contextId": correlation_id,
            "details": [
                {"fieldName": field, "errorCode": code} for field, code in refusal.details
            ],
            "errors": [],
            **({} if refusal.limit is None else {"limit": refusal.limit}),
        }
    )


def throttled(seconds: int, violations: tuple[ViolationKind, ...] = ()) -> Refusal:
    """Return the documented 429: "Normalized Platform API 429 responses", 2021-11-10."""
    return Refusal(
        429,
        "too.many.requests.retry.after",
        f"Rate limit exceeded the maximum. Retry the request in [{seconds}] seconds",
        headers=(
            ("Retry-After", str(seconds)),
            ("Cache-Control", "no-cache, no-store, must-revalidate"),
        ),
        violations=violations,
    )


# The codes that the documentation lists first for each status; what an armed fault answers
# with when it names none.
COMMON_CODES = {
    400: "bad.request",
    401: "bad.credentials",
    403: "not.authorized",
    404: "not.found",
    405: "method.not.allowed",
    408: "client.timeout",
    409: "request.conflict",
    413: "request.entity.too.large",
    415: "unsupported.media.type",
    429: "too.many.requests.retry.after",
    500: "internal.server.error",
    501: "not.implemented",
    502: "bad.gateway",
    503: "service.unavailable",
    504: "request.timeout",
}
