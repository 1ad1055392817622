"""Watch the outcomes of the demo come in: what is settled, and what an opt-out overtook."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from connector.demo.crm_table import CrmRecord, Kind
from connector.demo.settlement_table import Effect, Told

_STEPS = ("kafka_to_decided_ms", "decided_to_sent_ms", "sent_to_accepted_ms")
"""From the record's append to the platform's acceptance (contract.md section 4)."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How far the demo is: settled and all, of three groups of records."""

    backlog: tuple[int, int]
    opt_outs: tuple[int, int]
    others: tuple[int, int]

    @property
    def done(self) -> bool:
        """Whether every record is settled."""
        return self.settled == self.whole

    @property
    def settled(self) -> int:
        """How many records are settled."""
        return sum(settled for settled, _ in self.groups.values())

    @property
    def whole(self) -> int:
        """How many records were written."""
        return sum(whole for _, whole in self.groups.values())

    @property
    def groups(self) -> Mapping[str, tuple[int, int]]:
        """The groups by what people call them."""
        return {
            "new leads of the morning": self.backlog,
            "opt-outs": self.opt_outs,
            "everything else": self.others,
        }


@dataclass(slots=True)
class Watch:
    """The outcomes so far; the first of each id counts, as it does for everybody."""

    told: list[Told] = field(default_factory=list)
    verdicts: Counter[str] = field(default_factory=Counter)
    overtaken: list[int] = field(default_factory=list)
    waits_ms: list[int] = field(default_factory=list)
    _groups: dict[str, str] = field(default_factory=dict)
    _sizes: Counter[str] = field(default_factory=Counter)
    _settled: Counter[str] = field(default_factory=Counter)
    _seen: set[str] = field(default_factory=set)

    def expect(self, ids: Sequence[str], records: Sequence[CrmRecord], *, backlog: bool) -> None:
        """Say which records were written, with the ids that their outcomes will have."""
        for outcome_id, record in zip(ids, records, strict=True):
            group = "backlog" if backlog else _group(record)
            self._groups[outcome_id] = group
            self._sizes[group] += 1

    def take(self, documents: Iterable[Mapping[str, object]]) -> None:
        """Take outcomes as they come from the topic."""
        for document in documents:
            told = _told(document)
            if told.outcome_id in self._seen:
                continue
            self._seen.add(told.outcome_id)
            self._note(told, document)

    @property
    def tally(self) -> Tally:
        """How far the demo is."""
        backlog, opt_outs, others = (
            (self._settled[group], self._sizes[group])
            for group in ("backlog", "opt_outs", "others")
        )
        return Tally(backlog, opt_outs, others)

    @property
    def median_overtaken(self) -> int:
        """How many older records still waited when an opt-out was honoured: the median."""
        return round(median(self.overtaken)) if self.overtaken else 0

    @property
    def median_wait_ms(self) -> int:
        """How long an opt-out took from Kafka to the platform's acceptance: the median."""
        return round(median(self.waits_ms)) if self.waits_ms else 0

    def _note(self, told: Told, document: Mapping[str, object]) -> None:
        self.told.append(told)
        self.verdicts[told.verdict] += 1
        group = self._groups.get(told.outcome_id, "others")
        self._settled[group] += 1
        if group == "opt_outs" and told.verdict == "applied":
            self.overtaken.append(self._sizes["backlog"] - self._settled["backlog"])
            wait = _wait(document.get("latency"))
            if wait is not None:
                self.waits_ms.append(wait)


def _group(record: CrmRecord) -> str:
    return "opt_outs" if record.kind is Kind.OPT_OUT else "others"


def _told(document: Mapping[str, object]) -> Told:
    return Told(
        str(document["outcome_id"]),
        _text(document.get("lead_id")),
        _text(document.get("change")),
        str(document["verdict"]),
        tuple(_effects(document.get("effects"))),
    )


def _effects(effects: object) -> Iterable[Effect]:
    for each in effects if isinstance(effects, list) else ():
        yield str(each["list"]), str(each["action"]), _text(each["contact_id"])


def _wait(latency: object) -> int | None:
    if not isinstance(latency, dict):
        return None
    steps = [latency.get(step) for step in _STEPS]
    known = [step for step in steps if isinstance(step, int)]
    return sum(known) if len(known) == len(steps) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
