"""Shut the gates of what the platform refuses, open them on a good answer, and tell of both."""

from collections.abc import Callable

import structlog

from connector.genesys.access import proves
from connector.genesys.call import Call
from connector.genesys.notices import Asked, Parked
from connector.genesys.permissions import PERMISSIONS
from connector.planning.gates import EVERYWHERE, GateReason, Gates, Scope, Stop
from connector.stream.health import Health
from connector.stream.names import Names
from connector.telemetry.metrics import Metrics

log = structlog.get_logger("connector.worker")

_ADVICE = {
    GateReason.CREDENTIALS: "check genesys.client_id and genesys.client_secret",
    GateReason.PERMISSION: "give the OAuth client's role {permission}, in the division of the "
    "list; connector check names all that the settings need",
    GateReason.LIST_MISSING: "check contact_list and dnc_list in the settings",
    GateReason.LIMIT: "ask the organisation's administrator for room",
    GateReason.BARRED: "the platform bars the organisation from it; ask its support",
    GateReason.OUTAGE: "check genesys.region or api_url, and the status of the platform",
}


class Parking:
    """Parks places of the platform and lets them go on. `clock` as that of the gates.

    A place is shut whole, but for a contact list without room: only what asks for a new contact
    waits there. Updates, reads and quarantines go on, those of opt-outs above all.
    """

    __slots__ = ("_clock", "_gates", "_health", "_metrics", "_names", "_refused")

    def __init__(
        self,
        health: Health,
        metrics: Metrics,
        gates: Gates,
        names: Names,
        clock: Callable[[], float],
    ) -> None:
        self._health = health
        self._metrics = metrics
        self._gates = gates
        self._names = names
        self._clock = clock
        self._refused: dict[str, dict[Call, GateReason]] = {}
        """What each shut place refused, by call: each asks for a good answer of its own kind."""

    def refused(self, notice: Parked) -> None:
        """Take a refusal of the environment."""
        scope = _scope(notice)
        known = self._gates.reason(scope)
        if scope.stop is Stop.ALL:
            self._refused.setdefault(scope.place, {})[notice.call] = notice.reason
        self._gates.shut(scope, notice.reason, self._clock())
        if known is notice.reason:
            return
        permission = PERMISSIONS.get(notice.call, "the outbound permissions")
        advice = _ADVICE[notice.reason].format(permission=permission)
        code = notice.code or "no code"
        whole = scope.stop is Stop.ALL
        what = "parked" if whole else "full, so that new contacts wait and all else goes on"
        self._health.parked(self._name(scope), f"{what}, {notice.reason} ({code}): {advice}")
        self._tell_gates()
        details = {
            "list": self._names.of(notice.scope),
            "place": notice.scope,
            "reason": str(notice.reason),
            "code": notice.code,
            "correlation_id": notice.receipt.correlation_id,
            "advice": advice,
        }
        if whole:
            log.error("list.parked", **details)
        else:
            log.error("list.full", **details)

    def applied(self, notice: Asked) -> None:
        """Take a good answer: it ends what was refused to calls of its kind only."""
        place = notice.place
        self._opens(Scope(EVERYWHERE))
        inserts = Scope(place, Stop.INSERTS)
        if notice.inserts and self._gates.tried(inserts):
            # One that left before the list was full says nothing: it is the try that counts.
            self._opens(inserts)
        refused = self._refused.get(place, {})
        for other, reason in list(refused.items()):
            if proves(notice.call, other, reason):
                del refused[other]
        if refused:
            self._gates.passed(Scope(place), self._clock())
        else:
            self._opens(Scope(place))

    def _opens(self, scope: Scope) -> None:
        if scope.stop is Stop.ALL:
            self._refused.pop(scope.place, None)
        if self._gates.open(scope):
            self._health.freed(self._name(scope))
            self._tell_gates()
            name = self._names.of(scope.place)
            if scope.stop is Stop.ALL:
                log.info("list.resumed", list=name)
            else:
                log.info("list.has_room", list=name)

    def _name(self, scope: Scope) -> str:
        name = self._names.of(scope.place)
        return name if scope.stop is Stop.ALL else f"{name}, {scope.stop}"

    def _tell_gates(self) -> None:
        shut = self._gates.now_shut.items()
        self._metrics.parked([(scope.place, gate.reason) for scope, gate in shut])


def _scope(notice: Parked) -> Scope:
    """Return what a refusal stops: a list without room takes all but new contacts."""
    full = notice.reason is GateReason.LIMIT and notice.call is Call.POST_CONTACTS
    return Scope(notice.scope, Stop.INSERTS if full else Stop.ALL)
