"""Everything that can go wrong at the platform, as faults of the simulator, alone and mixed.

None of it may change what the books, the outcomes and the dead letters say in the end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from tests.support.control import Control

TIMEOUT = "1s"
"""`genesys.request_timeout` of workers in trouble: delays below are beyond it."""

API = "/api/v2/*"
LISTS = "*/contactlists/*"
CONTACTS = "*/contactlists/*/contacts*"
WHILE = 3
"""Answers of a refusal that lasts for a while: pauses of 5, 10 and 20 s lie between them."""

_Document = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of the simulator; `share` of the requests that it matches, the first `count`."""

    kind: str
    path: str = API
    method: str | None = None
    status: int | None = None
    code: str | None = None
    headers: Mapping[str, str] | None = None
    apply: bool = False
    delay_ms: int = 0
    share: float | None = None
    count: int | None = None

    def arm(self, control: Control, seed: int) -> None:
        """Arm it, with a dice of its own."""
        match: _Document = {"path": self.path, "seed": seed}
        if self.method is not None:
            match["method"] = self.method
        if self.share is not None:
            match["probability"] = self.share
        action: _Document = {"kind": self.kind, "apply": self.apply, "delay_ms": self.delay_ms}
        if self.status is not None:
            action["status"] = self.status
        if self.headers is not None:
            action["headers"] = dict(self.headers)
        if self.code is not None:
            body: _Document = {"message": "So it is.", "code": self.code, "status": self.status}
            action["body"] = body
        control.fault(match, action, self.count)


def _often(kind: str, share: float, **parts: object) -> Fault:
    return Fault(kind, share=share, **parts)  # type: ignore[arg-type]  # the names of Fault


def _answer(status: int, share: float | None = None, **parts: object) -> Fault:
    return Fault("status", status=status, share=share, **parts)  # type: ignore[arg-type]  # as above


Troubles = Sequence[Fault]

ALONE: Mapping[str, Troubles] = {
    "reset before": [_often("reset_before", 0.1, count=60)],
    "reset after apply": [_often("reset_after_apply", 0.1, count=60)],
    "half bodies": [_often("half_body", 0.1, count=60)],
    "malformed JSON": [_often("malformed_json", 0.1, count=60)],
    "beyond the timeout": [_often("delay", 0.05, delay_ms=1_500, count=20)],
    "408": [_answer(408, 0.1, count=60)],
    "409 on contacts": [_answer(409, 0.1, path=CONTACTS, count=60)],
    "applied in part": [_often("apply_partially", 0.1, status=500, count=40)],
    "429, short": [_answer(429, 0.05, headers={"Retry-After": "1"}, count=8)],
    "429, long": [_answer(429, 0.05, headers={"Retry-After": "6"}, count=2)],
    "5xx, not applied": [_answer(each, 0.05, count=30) for each in (500, 502, 504)],
    "5xx, applied": [_answer(each, 0.05, count=30, apply=True) for each in (500, 502, 504)],
    "503": [_answer(503, 0.2, count=100)],
    "tokens revoked": [_answer(401, 0.1, count=8)],
    "login outage": [_answer(401, count=2), _answer(503, path="/oauth/token", count=8)],
    "a list being cleared": [
        _answer(400, path=LISTS, code="contact.list.clear.in.progress", count=12)
    ],
    "403 for a while": [_answer(403, path=LISTS, code="missing.permissions", count=WHILE)],
    "404 of the lists for a while": [
        _answer(404, path=LISTS, code="contact.list.not.found", count=WHILE),
        _answer(404, path="*/dnclists/*", code="dnc.list.not.found", count=WHILE),
    ],
    "a storm": [_answer(500, 0.5, count=60), _answer(503, count=60)],
}
"""One kind of trouble at a time."""

MIXED: Troubles = [
    _often("reset_before", 0.02, count=20),
    _often("reset_after_apply", 0.02, count=20),
    _often("half_body", 0.02, count=20),
    _often("malformed_json", 0.02, count=20),
    _often("delay", 0.02, delay_ms=1_500, count=10),
    _often("apply_partially", 0.02, status=500, count=20),
    _answer(408, 0.02, count=20),
    _answer(409, 0.05, path=CONTACTS, count=20),
    _answer(429, 0.01, headers={"Retry-After": "1"}, count=3),
    *(_answer(each, 0.02, count=10) for each in (500, 502, 503, 504)),
    *(_answer(each, 0.02, count=10, apply=True) for each in (500, 502, 504)),
    _answer(401, 0.01, count=3),
    _answer(403, 0.01, path=LISTS, code="missing.permissions", count=1),
]
"""All of it at once."""


def schedule(seeds: int, phases: int) -> list[list[tuple[str, Troubles]]]:
    """Share the troubles out: for each seed what each phase is played under."""
    alone = list(ALONE.items())
    first = [alone[seed::seeds] for seed in range(seeds)]
    return [
        [*mine, *[("mixed", MIXED)] * (phases - len(mine))] for mine in (f[:phases] for f in first)
    ]
