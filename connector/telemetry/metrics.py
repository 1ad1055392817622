"""Count and measure: the catalogue's metrics, each told by a method with typed arguments."""

import math
from collections.abc import Iterable, Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from connector.domain.campaign import Restart
from connector.domain.command import Urgency
from connector.domain.outcome import LaneName, Latency
from connector.domain.reason import Reason, Stage, Verdict
from connector.domain.record import TopicPartition
from connector.planning.brakes import Brake
from connector.planning.coverage import GapKind
from connector.planning.gates import EVERYWHERE, GateReason
from connector.telemetry import catalogue
from connector.telemetry.signal import OTHER, Kind, Signal
from connector.telemetry.spread import Buckets, Spread


class Metrics:
    """The metrics of one worker, in a registry of their own.

    `places` gives the settings' name for a platform id of a list; `version` the connector's.
    """

    def __init__(self, places: Mapping[str, str], version: str) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library's lacks types
        self._registry = CollectorRegistry()
        self._places = {**places, EVERYWHERE: EVERYWHERE}
        made = {signal.name: _made(signal, self._registry) for signal in catalogue.CATALOGUE}
        self._counters = {name: each for name, each in made.items() if isinstance(each, Counter)}
        self._gauges = {name: each for name, each in made.items() if isinstance(each, Gauge)}
        self._spreads = {name: each for name, each in made.items() if isinstance(each, Spread)}
        self._children: dict[tuple[str, ...], Counter] = {}
        self._outcomes: dict[tuple[Verdict, Reason | None, LaneName], Counter] = {}
        self._steps = {
            lane: tuple(self._spread(catalogue.LATENCY, step, lane) for step in catalogue.STAGES)
            for lane in LaneName
        }
        ProcessCollector(namespace="connector", registry=self._registry)
        self._gauge(catalogue.BUILD, version).set(1)

    def read(self, topic: str, records: int = 1) -> None:
        """Count *records* read from a topic of ours or the settings'."""
        self._counter(catalogue.RECORDS, topic).inc(records)

    def ended(self, verdict: Verdict, reason: Reason | None, lane: LaneName) -> None:
        """Count an outcome that the broker has acknowledged."""
        known = self._outcomes.get((verdict, reason, lane))
        if known is None:
            known = self._counter(catalogue.OUTCOMES, verdict, reason, lane)
            self._outcomes[verdict, reason, lane] = known
        known.inc()

    def lived(self, latency: Latency, lane: LaneName) -> None:
        """Note how long each stage of a change took."""
        spans = (
            latency.crm_to_kafka_ms,
            latency.kafka_to_decided_ms,
            latency.decided_to_sent_ms,
            latency.sent_to_accepted_ms,
            latency.accepted_to_verified_ms,
        )
        for step, took in zip(self._steps[lane], spans, strict=True):
            if took is not None:
                step.observe(took / 1000)

    def honoured(self, seconds: float) -> None:
        """Note how long an opt-out took from its append to the platform's last acceptance."""
        self._spread(catalogue.HONOURED).observe(seconds)

    def buried(self, reason: Reason, stage: Stage) -> None:
        """Count a dead letter."""
        self._counter(catalogue.DEAD_LETTERS, reason, stage).inc()

    def hole(self, topic: str, count: int = 1) -> None:
        """Count holes in the offsets of a source topic."""
        self._counter(catalogue.HOLES, topic).inc(count)

    def lag(self, place: TopicPartition, records: int) -> None:
        """Tell how far a partition's commit stands behind its end."""
        self._gauge(catalogue.LAG, place.topic, str(place.partition)).set(records)

    def lost(self) -> None:
        """Tell no lag any more: the partitions are not ours any longer."""
        self._gauges[catalogue.LAG.name].clear()

    def open_records(self, count: int) -> None:
        """Tell how many records are read and not settled."""
        self._gauge(catalogue.OPEN).set(count)

    def unsettled(self, rows: int) -> None:
        """Tell how much a crash would repeat."""
        self._gauge(catalogue.UNSETTLED).set(rows)

    def opt_outs_open(self, count: int, oldest: float) -> None:
        """Tell how many opt-outs are not settled, and the age of the oldest in seconds."""
        self._gauge(catalogue.OPT_OUTS_OPEN).set(count)
        self._gauge(catalogue.OPT_OUT_AGE).set(oldest if count else 0.0)

    def compliance(self, seconds: float) -> None:
        """Tell the age of the oldest opt-out that is, or may be, not honoured, in seconds."""
        self._gauge(catalogue.COMPLIANCE_AGE).set(seconds)

    def recent_opt_outs(self, count: int) -> None:
        """Tell how many opt-outs were honoured anew in the last minute."""
        self._gauge(catalogue.RECENT_OPT_OUTS).set(count)

    def late_fence(self) -> None:
        """Count an opt-out that was produced again."""
        self._counter(catalogue.LATE_FENCES).inc()

    def schema_asked(self, result: str) -> None:
        """Count a question to the schema registry."""
        self._counter(catalogue.SCHEMA_REQUESTS, result).inc()

    def schema_waits(self, records: Mapping[str, int]) -> None:
        """Tell how many records of each source wait for a schema: of these, and of no others."""
        self._gauges[catalogue.SCHEMA_WAITS.name].clear()
        for source, count in records.items():
            self._gauge(catalogue.SCHEMA_WAITS, source).set(count)

    def asked(self, call: str, answer: str, took: float, commands: int = 0) -> None:
        """Count a request by what came of it; *took* is in seconds.

        *commands* is how many it carried, 0 where it is none of commands.
        """
        self._counter(catalogue.REQUESTS, call, answer).inc()
        self._spread(catalogue.REQUEST_TIME, call).observe(took)
        if commands:
            self._spread(catalogue.BATCH_SIZE, call).observe(commands)
        if call == catalogue.CALLS[0]:
            self._counter(catalogue.TOKENS, answer).inc()

    def slot(self, urgency: Urgency, waited: float) -> None:
        """Note how long a request waited for its slot, in seconds."""
        self._spread(catalogue.SLOT_WAIT, urgency.name.lower()).observe(waited)

    def waiting(self, commands: int) -> None:
        """Tell how many commands wait."""
        self._gauge(catalogue.WAITING).set(commands)

    def silenced(self, seconds: float) -> None:
        """Count the silence that a 429 demands."""
        self._counter(catalogue.SILENCE).inc(seconds)

    def parked(self, gates: Iterable[tuple[str, GateReason]]) -> None:
        """Tell which places have a gate shut, by platform id or `all`: these, and no others."""
        self._gauges[catalogue.GATES.name].clear()
        for place, reason in gates:
            name = self._places.get(place, OTHER)
            self._gauge(catalogue.GATES, name, reason).inc()

    def brakes(self, pulled: Iterable[Brake]) -> None:
        """Tell which brakes are pulled, each as often as it has scopes: these, and no others."""
        self._gauges[catalogue.BRAKES.name].clear()
        for brake in pulled:
            self._gauge(catalogue.BRAKES, brake).inc()

    def list_size(self, list_id: str, contacts: int, fill: float) -> None:
        """Tell how many contacts a list holds, and which share of its room that is."""
        name = self._places.get(list_id, OTHER)
        self._gauge(catalogue.LIST_CONTACTS, name).set(contacts)
        self._gauge(catalogue.LIST_FILL, name).set(fill)

    def no_list_sizes(self) -> None:
        """Tell no sizes any more: another worker asks for them from now on."""
        self._gauges[catalogue.LIST_CONTACTS.name].clear()
        self._gauges[catalogue.LIST_FILL.name].clear()

    def coverage_gaps(self, list_id: str, gaps: Mapping[GapKind, int]) -> None:
        """Tell how many gaps of each kind the coverage of a list has."""
        name = self._places.get(list_id, OTHER)
        for kind in GapKind:
            self._gauge(catalogue.COVERAGE_GAPS, name, kind).set(gaps.get(kind, 0))

    def no_coverage_gaps(self) -> None:
        """Tell no gaps any more: nobody looks here from now on."""
        self._gauges[catalogue.COVERAGE_GAPS.name].clear()

    def campaign_restart(self, list_id: str, result: Restart) -> None:
        """Count a campaign of a list that was turned on again, or would have been."""
        name = self._places.get(list_id, OTHER)
        self._counter(catalogue.CAMPAIGN_RESTARTS, name, result).inc()

    def campaign_failure(self, list_id: str, answer: str) -> None:
        """Count a failed look at the campaigns of a list."""
        name = self._places.get(list_id, OTHER)
        self._counter(catalogue.CAMPAIGN_FAILURES, name, answer).inc()

    def assigned(self, partitions: int, share: float) -> None:
        """Tell how many partitions are ours and which share of the allowance goes with them."""
        self._gauge(catalogue.PARTITIONS).set(partitions)
        self._gauge(catalogue.ALLOWANCE).set(share)

    def restored(self, rows: int, seconds: float) -> None:
        """Note a restore of the state."""
        self._counter(catalogue.RESTORED).inc(rows)
        self._spread(catalogue.RESTORE_TIME).observe(seconds)

    def committed(self) -> None:
        """Count a commit that the group confirmed."""
        self._counter(catalogue.COMMITS).inc()

    def lease(self, seconds: float) -> None:
        """Tell how long the lease still lasts."""
        self._gauge(catalogue.LEASE).set(seconds if math.isfinite(seconds) else 0.0)

    def render(self) -> tuple[bytes, str]:
        """Return all metrics in Prometheus' text form, and its content type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST

    def _counter(self, signal: Signal, *values: str | None) -> Counter:
        key = (signal.name, *(value or "" for value in values))
        child = self._children.get(key)
        if child is None:
            counter, texts = self._counters[signal.name], _texts(signal, values)
            child = self._children[key] = counter.labels(*texts) if texts else counter
        return child

    def _gauge(self, signal: Signal, *values: str | None) -> Gauge:
        gauge, texts = self._gauges[signal.name], _texts(signal, values)
        return gauge.labels(*texts) if texts else gauge

    def _spread(self, signal: Signal, *values: str | None) -> Buckets:
        return self._spreads[signal.name].under(*_texts(signal, values))


def _texts(signal: Signal, values: Iterable[str | None]) -> list[str]:
    return [label.text(value) for label, value in zip(signal.labels, values, strict=True)]


def _made(signal: Signal, registry: CollectorRegistry) -> Counter | Gauge | Spread:
    names = [label.name for label in signal.labels]
    match signal.kind:
        case Kind.COUNTER:
            return Counter(signal.name, signal.meaning, names, registry=registry)
        case Kind.GAUGE:
            return Gauge(signal.name, signal.meaning, names, registry=registry)
        case Kind.HISTOGRAM:
            spread = Spread(signal.name, signal.meaning, names, signal.buckets)
            registry.register(spread)
            return spread
