"""Say what an answer of the platform means. One table; nothing else looks at a status.

The classes are those of design.md section 6. Codes come from genesys-api.md sections 2.2, 3, 4, 6
and 7; what is not listed there falls to the line of its status. `docs/answers.md` is made from
this table.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from connector.genesys.answer import (
    Answer,
    Applied,
    Busy,
    Collided,
    Doubted,
    Environment,
    Missing,
    Outdated,
    Oversized,
    Throttled,
    TokenSpent,
    Unavailable,
    Unclear,
    Unfit,
)
from connector.genesys.call import COMMAND_CALLS, CONTACT_WRITES, Call
from connector.planning.gates import GateReason

RETRY_AFTER_DEFAULT = 3.0
"""Seconds to wait after a 429 that does not say how long (default of the official SDKs)."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: the answers that it matches, what they mean, what is done then.

    `codes` are patterns of the error code (`*` stands for anything; none: any code). `readable`
    asks for a body that could (or could not) be read.
    """

    calls: frozenset[Call]
    first: int
    last: int
    means: Callable[[str | None, float | None], Answer]
    then: str
    codes: tuple[str, ...] = ()
    readable: bool | None = None

    def matches(self, call: Call, status: int, code: str | None, *, readable: bool) -> bool:
        """Say whether this line is about such an answer."""
        return (
            self.first <= status <= self.last
            and call in self.calls
            and (self.readable is None or self.readable == readable)
            and (not self.codes or any(fnmatchcase(code or "", each) for each in self.codes))
        )


def _line(
    statuses: int | tuple[int, int],
    means: Callable[[str | None, float | None], Answer],
    then: str,
    *codes: str,
    calls: frozenset[Call] = frozenset(Call),
    readable: bool | None = None,
) -> Line:
    first, last = statuses if isinstance(statuses, tuple) else (statuses, statuses)
    return Line(calls, first, last, means, then, codes, readable)


def _environment(reason: GateReason) -> Callable[[str | None, float | None], Answer]:
    return lambda code, _after: Environment(reason, code)


def _throttled(_code: str | None, after: float | None) -> Answer:
    return Throttled(RETRY_AFTER_DEFAULT if after is None else after)


def _unavailable(_code: str | None, after: float | None) -> Answer:
    return Unavailable(after or 0.0)


def _unclear(_code: str | None, after: float | None) -> Answer:
    return Unclear(after or 0.0)


def _busy(_code: str | None, after: float | None) -> Answer:
    return Busy(after or 0.0)


def _collided(code: str | None, after: float | None) -> Answer:
    return Collided(code, after or 0.0)


_API = frozenset(Call) - {Call.TOKEN}

_NAMES_CONTACTS = frozenset({Call.PUT_CONTACT, Call.DELETE_CONTACTS})
"""Calls whose address names contacts: a bare 404 may be about one of those or about the list."""

_TURNS_ON = frozenset({Call.PUT_CAMPAIGN})

_ADDS = frozenset({Call.POST_CONTACTS})

_REPEAT_DOUBT = "repeated; safe, because every command is idempotent"
_REPEAT = "repeated with back-off"
_SPLIT = "split until the culprit stands alone; its mates go through"
_PARK = "parked: nothing is lost, repeated with growing pauses, an alarm, no dead letters"
_FULL = (
    "new contacts wait, an alarm, no dead letters; one at a time tries again with growing pauses. "
    "All else of the list goes on; where none was new, split: what is gone is looked up again"
)
_COLLISION = "split until it stands alone; repeated after 500 ms, then pauses doubling to 30 s"

TABLE: tuple[Line, ...] = (
    _line((200, 299), lambda _c, _a: Applied(), "settled", readable=True),
    _line((200, 299), _unclear, _REPEAT_DOUBT, readable=False),
    _line(
        (400, 403),
        _environment(GateReason.CREDENTIALS),
        _PARK,
        calls=frozenset({Call.TOKEN}),
    ),
    _line(401, lambda c, _a: TokenSpent(c), "token renewed once, then parked", calls=_API),
    _line(403, _environment(GateReason.PERMISSION), _PARK, calls=_API),
    _line(408, _unclear, _REPEAT_DOUBT),
    _line(409, _collided, _COLLISION, calls=CONTACT_WRITES),
    *(
        _line(
            status,
            lambda _c, _a: Applied(),
            "done: it is on already",
            "invalid.update.campaign.active",
            calls=_TURNS_ON,
        )
        for status in (400, 409)
    ),
    _line(
        409,
        lambda _c, _a: Outdated(),
        "read again, decided again",
        "invalid.update.wrong.version",
        calls=_TURNS_ON,
    ),
    _line(409, _busy, _REPEAT, calls=frozenset(Call) - CONTACT_WRITES),
    _line((413, 414), lambda c, _a: Oversized(c), "split by bytes", calls=COMMAND_CALLS),
    _line(429, _throttled, "the whole client is silent for Retry-After, then repeated"),
    _line(400, _busy, _REPEAT, "*.in.progress", "client.failed.request", calls=_API),
    _line(
        400,
        lambda c, _a: Oversized(c),
        "split by count",
        "too.many.contacts.*",
        "response.entity.too.large",
        "*.max.per.request.exceeded",
        calls=COMMAND_CALLS,
    ),
    _line(400, _collided, _COLLISION, "contact.in.use", calls=CONTACT_WRITES),
    *(
        _line(
            status,
            lambda _c, _a: Missing(),
            "contact forgotten and looked up again",
            "contact.does.not.exist",
            "contact.not.found",
            calls=CONTACT_WRITES | {Call.BULK_READ},
        )
        for status in (400, 404)
    ),
    *(
        _line(
            400,
            _environment(GateReason.LIMIT),
            then,
            "*.per.org.limit.exceeded",
            "*.per.organization.limit.exceeded",
            "*.per.list.limit.exceeded",
            calls=calls,
        )
        for calls, then in ((_ADDS, _FULL), (_API - _ADDS, _PARK))
    ),
    _line(400, _environment(GateReason.BARRED), _PARK, "*.black.listed", calls=_API),
    _line(
        400,
        _environment(GateReason.LIST_MISSING),
        _PARK,
        "dnc.source.operation.not.supported",
        "dnc.list.invalid.contact.method",
        calls=_API,
    ),
    _line(400, lambda c, _a: Unfit(c), f"{_SPLIT}; a dead letter", calls=COMMAND_CALLS),
    _line(
        400,
        _environment(GateReason.LIMIT),
        "logged; asked for again with growing pauses, nothing is parked",
        "active.campaigns.limit.exceeded",
        calls=_TURNS_ON,
    ),
    _line(
        400,
        lambda c, _a: Unfit(c),
        "logged; asked for again once a person has changed the campaign",
        calls=_TURNS_ON,
    ),
    _line(
        404,
        lambda _c, _a: Missing(),
        "left alone: the campaign was deleted",
        calls=_TURNS_ON | {Call.CAMPAIGN},
    ),
    _line(
        404,
        _environment(GateReason.LIST_MISSING),
        _PARK,
        "contact.list.not.found",
        calls=_NAMES_CONTACTS,
    ),
    _line(
        404,
        lambda _c, _a: Doubted(),
        "the list is asked for once: it is there, so the contact is gone; or it is not: parked",
        calls=_NAMES_CONTACTS,
    ),
    _line(
        404,
        _environment(GateReason.LIST_MISSING),
        _PARK,
        calls=_API - _NAMES_CONTACTS - _TURNS_ON - {Call.CAMPAIGN},
    ),
    _line(501, _environment(GateReason.OUTAGE), _PARK),
    _line(503, _unavailable, _REPEAT),
    _line((500, 599), _unclear, _REPEAT_DOUBT),
    _line((0, 999), _environment(GateReason.OUTAGE), _PARK),
)
"""Every answer the platform may give; the first line that matches decides."""


def classify(
    call: Call, status: int, code: str | None, retry_after: float | None, *, readable: bool
) -> Answer:
    """Return what an answer means.

    `code` is the error body's, `retry_after` the header's seconds, `readable` says whether a 2xx
    body was what *call* answers.

    Raises:
        ValueError: no line takes *status*, which HTTP has none of.
    """
    for line in TABLE:
        if line.matches(call, status, code, readable=readable):
            return line.means(code, retry_after)
    raise ValueError(f"an answer with HTTP {status}; a status has three digits")


def classify_broken(*, sent: bool) -> Answer:
    """Return what it means that no answer came: a request that was *sent* may have been done."""
    return Unclear() if sent else Unavailable()
