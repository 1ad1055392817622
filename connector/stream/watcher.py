"""Tell health, metrics and log what happens in a worker: the one place that knows all three."""

from collections.abc import Callable, Collection

import structlog

from connector.domain.change import ChangeKind
from connector.domain.command import Urgency
from connector.domain.ids import LeadId
from connector.domain.outcome import Outcome
from connector.domain.reason import Reason, Stage
from connector.domain.record import TopicPartition
from connector.genesys.call import SIDE_CALLS, Call
from connector.genesys.notices import Asked, Notice, Parked, Silenced
from connector.planning.gates import Gates
from connector.stream.facts import Holding, SchemaAnswer, SchemaWait
from connector.stream.health import Compliance, Fact, Health
from connector.stream.names import Names
from connector.stream.opt_out_mass import OptOutMass
from connector.stream.parking import Parking
from connector.stream.unread import UnreadRecords
from connector.telemetry.metrics import Metrics

log = structlog.get_logger("connector.worker")

UNREACHABLE_AFTER = 3
"""Requests in a row without a usable answer: one may be the network's mood."""

LATE_OPT_OUT = 60.0
"""Seconds after which an opt-out that is not settled wants a person, and a record that was not
read, for it may be one: seconds are usual.
"""

SCHEMA_PATIENCE = 1.0
"""Seconds for which a new schema is waited for without a word: an answer takes milliseconds."""

_NEVER_CALL = (ChangeKind.OPT_OUT, ChangeKind.NUMBERS)
"""Changes that end with the platform's acceptance, or else with a person."""

_OUTCOMES = "outcomes"
_NOTHING = Holding(0, 0, 0, 0, 0.0)
_SERVER_ERRORS = 500


class Watcher:
    """Hears of everything that people and alerts want to know. `clock` as in the engine.

    `Facts` of the engine, and the `Watch` of the platform's client.
    """

    __slots__ = (
        "_clock",
        "_health",
        "_held",
        "_late",
        "_mass",
        "_metrics",
        "_names",
        "_parking",
        "_unanswered",
        "_unread",
        "_waiting",
    )

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
        self._names = names
        self._parking = Parking(health, metrics, gates, names, clock)
        self._unanswered = 0
        self._late = False
        self._held = False
        self._clock = clock
        self._waiting: set[str] = set()
        self._unread = UnreadRecords(clock)
        self._mass = OptOutMass(health, metrics, clock)

    def progressed(self) -> None:
        """Say that the loop is alive."""
        self._health.progressed()

    def assigned(self, partitions: Collection[int]) -> None:
        """Say which partitions came, before their state is restored."""
        self._health.has(Fact.JOINED)
        if partitions:
            self._health.has(Fact.ASSIGNED)
        else:
            self._health.lacks(Fact.ASSIGNED, "none for this worker: it is a spare")
        share = len(partitions) / self._names.partitions
        self._metrics.assigned(len(partitions), share)
        self._mass.share(share)
        log.info("partitions.assigned", partitions=sorted(partitions))

    def restored(self, records: int, seconds: float) -> None:
        """Say that the state is there."""
        self._health.has(Fact.RESTORED)
        self._metrics.restored(records, seconds)

    def revoked(self) -> None:
        """Say that all partitions left."""
        self._health.lacks(Fact.RESTORED, "waits for the next assignment")
        self._health.lacks(Fact.ASSIGNED, "the group rebalances")
        self._metrics.assigned(0, 0.0)
        self._metrics.lost()
        self.holds(_NOTHING)
        self._health.complies(None)
        self.schema_waits((), None)
        log.info("partitions.revoked")

    def read(self, topic: str, records: int, holes: int) -> None:
        """Count what was read of a topic."""
        self._metrics.read(topic, records)
        if holes:
            self._metrics.hole(topic, holes)

    def holds(self, holding: Holding) -> None:
        """Say how much the worker holds."""
        self._metrics.open_records(holding.open_records)
        self._metrics.unsettled(holding.unsettled)
        self._metrics.waiting(holding.waiting)
        self._metrics.opt_outs_open(holding.opt_outs, holding.oldest_opt_out)
        self._complies(holding)
        self._mass.look()

    def _complies(self, holding: Holding) -> None:
        """Tell the compliance health; raise one alarm when an opt-out is, or may be, late."""
        ages: list[tuple[float, str]] = []
        if holding.opt_outs:
            age = holding.oldest_opt_out
            ages.append((age, f"{holding.opt_outs} wait, the oldest for {age:.0f} s"))
        if holding.unread is not None:
            age, place = holding.unread.seconds, holding.unread.place
            where = f"{place.topic}/{place.partition}"
            ages.append((age, f"records of {where} are unread, the first for {age:.0f} s"))
        seconds = max((age for age, _ in ages), default=0.0)
        self._metrics.compliance(seconds)
        late = seconds > LATE_OPT_OUT
        line = "; ".join(text for _, text in ages) or "none waits"
        self._health.complies(Compliance(not late, seconds, line))
        lates = [text for age, text in ages if age > LATE_OPT_OUT]
        self._health.warns("opt-outs", "; ".join(lates) or None)
        if late and not self._late:
            log.error(
                "opt_outs.late",
                count=holding.opt_outs,
                seconds=round(seconds),
                detail="; ".join(lates),
            )
        elif self._late and not late:
            log.info("opt_outs.caught_up", count=holding.opt_outs)
        self._late = late

    def schema_waits(self, waits: Collection[SchemaWait], away: str | None) -> None:
        """Say which records wait for a schema: a worker is not ready while some do for long."""
        told: dict[str, SchemaWait] = {}
        counts: dict[str, int] = {}
        for each in waits:
            counts[each.source] = counts.get(each.source, 0) + each.records
            oldest = told.get(each.source, each)
            told[each.source] = each if each.since < oldest.since else oldest
        self._metrics.schema_waits(counts)
        now = self._clock()
        late = {name: each for name, each in told.items() if now - each.since > SCHEMA_PATIENCE}
        for name in self._waiting - late.keys():
            self._health.freed(f"source {name}")
        for name, each in late.items():
            why = away or "the registry does not know it yet"
            text = f"{counts[name]} records wait for schema {each.schema_id}: {why}"
            self._health.parked(f"source {name}", text, each.since)
        self._waiting = set(late)

    def schema_asked(self, result: SchemaAnswer) -> None:
        """Count a question to the registry."""
        self._metrics.schema_asked(result)

    def lag(self, place: TopicPartition, records: int) -> None:
        """Say how far a partition's end is ahead of what may be committed."""
        self._metrics.lag(place, records)

    def committed(self) -> None:
        """Count a commit that the group confirmed."""
        self._metrics.committed()

    def lease(self, seconds: float) -> None:
        """Say how long the lease still lasts."""
        self._metrics.lease(seconds)

    def told(self, outcome: Outcome) -> None:
        """Count an outcome that the broker has."""
        self._metrics.ended(outcome.verdict, outcome.reason, outcome.lane)
        self._metrics.lived(outcome.latency, outcome.lane)
        took = outcome.latency.kafka_to_accepted_ms
        if took is not None and outcome.change in _NEVER_CALL:
            self._metrics.honoured(took / 1000)
        if outcome.reason is Reason.REFUSED_BY_PLATFORM and outcome.change in _NEVER_CALL:
            log.error("opt_out.refused", lead=outcome.lead_id, detail=outcome.outcome_id)
        if outcome.quarantined_again:
            log.error("opt_out.undone", lead=outcome.lead_id, detail=outcome.outcome_id)
        self._unread.told(outcome)
        self._mass.told(outcome)

    def buried(self, reason: Reason, stage: Stage) -> None:
        """Count a dead letter that the broker has."""
        self._metrics.buried(reason, stage)

    def late_fence(self, lead: LeadId) -> None:
        """Say that an opt-out had to be produced again."""
        self._metrics.late_fence()
        log.error("opt_out.produced_again", lead=lead)

    def slot(self, urgency: Urgency, waited: float) -> None:
        """Note how long a request waited for its slot."""
        self._metrics.slot(urgency, waited)

    def lists_read(self) -> None:
        """Say that the platform answered at start."""
        self._health.has(Fact.REACHABLE)

    def unreachable(self, why: str) -> None:
        """Say that the platform cannot be reached."""
        self._health.lacks(Fact.REACHABLE, why)

    def broker(self, why: str) -> None:
        """Say what keeps the brokers from answering the producer."""
        log.warning("broker.trouble", detail=why)

    def outcomes_held(self, why: str) -> None:
        """Say that no outcome can be written, since the registry is away."""
        if not self._held:
            log.warning("outcomes.held", detail=why)
        self._held = True
        self._health.parked(_OUTCOMES, f"held until the registry tells their schema's id: {why}")

    def outcomes_flow(self) -> None:
        """Say that outcomes can be written."""
        if self._held:
            log.info("outcomes.flow")
        self._held = False
        self._health.freed(_OUTCOMES)

    def notice(self, notice: Notice) -> None:
        """Take what the platform's client tells."""
        match notice:
            case Asked():
                self._asked(notice)
            case Parked():
                self._parking.refused(notice)
            case Silenced(seconds=seconds, alarm=alarm):
                self._metrics.silenced(seconds)
                level = log.error if alarm else log.warning
                level("platform.throttled", seconds=seconds)

    def _asked(self, notice: Asked) -> None:
        self._metrics.asked(notice.call, notice.answer, notice.took, notice.commands)
        if notice.call in SIDE_CALLS:
            return  # whoever asked tells of it; the lists can be well all the same
        if _unanswered(notice):
            self._went_unanswered(notice)
            return
        if self._unanswered >= UNREACHABLE_AFTER:
            log.info("platform.reachable")
        self._unanswered = 0
        self._health.has(Fact.REACHABLE)
        if notice.answer == "applied" and notice.call is not Call.TOKEN:
            # A token alone does not tell that the API takes it.
            self._parking.applied(notice)

    def _went_unanswered(self, notice: Asked) -> None:
        self._unanswered += 1
        if self._unanswered < UNREACHABLE_AFTER:
            return
        why = notice.broken or f"HTTP {notice.receipt.http_status}"
        self._health.lacks(Fact.REACHABLE, f"no answer to {notice.call} ({why})")
        if self._unanswered == UNREACHABLE_AFTER:
            log.warning("platform.unreachable", call=str(notice.call), detail=why)


def _unanswered(notice: Asked) -> bool:
    """Say whether a request got nothing from the platform but a failure of its own."""
    if notice.broken is not None or notice.answer == "unavailable":
        return True
    return notice.answer == "unclear" and (notice.receipt.http_status or 0) >= _SERVER_ERRORS
