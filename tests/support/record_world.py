"""Play source records through intake and the lanes of all leads, on one platform.

What lies between (brokers, batches, the wire) is left out: changes are written as our topics hold
them and read again, and every lead's work is done at once. So a recording can be read in many
orders in little time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from connector.cdc.avro import SchemaLookup, nothing_known
from connector.cdc.decoding import Decoder
from connector.cdc.source import SourceSpec
from connector.domain.change import LeadChange
from connector.domain.contact import Contact
from connector.domain.ids import LeadId, OutcomeId
from connector.domain.outcome import Outcome
from connector.domain.record import Record, TopicPartition
from connector.planning.digest import Digests
from connector.planning.ledger import Ledger
from connector.planning.policy import ListPolicy, Policy, SourcePolicy
from connector.stream import lead_changes
from connector.stream.intake import Intake
from tests.support.fake_sends import FakeSends
from tests.support.lane_world import ALL, DNC, Platform, a_number
from tests.support.lead_truth import Ending
from tests.support.one_lane import OneLane
from tests.support.taking import take

DIGESTS = Digests(b"secret")


def policy_of(spec: SourceSpec) -> Policy:
    """Make the policy of one source: one list for every lead, one DNC list."""
    phones = frozenset(spec.phones)
    each = ListPolicy(
        ALL,
        "all",
        ("CRM_Lead_ID", *spec.columns),
        {spec.name: spec.columns},
        phones,
        adopt=False,
    )
    fields = {column: spec.columns[column] for column in phones}
    source = SourcePolicy(fields, spec.opt_out, spec.quarantine)
    return Policy({ALL: each}, (DNC,), {spec.name: source}, DIGESTS, a_number)


@dataclass
class RecordWorld:
    """One source, the leads that its records tell of, and what became of each record."""

    spec: SourceSpec
    schemas: SchemaLookup = nothing_known
    platform: Platform = field(default_factory=Platform)
    endings: dict[OutcomeId, Ending] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._policy = policy_of(self.spec)
        self._lanes: dict[LeadId, OneLane] = {}
        self._sends = FakeSends()
        self._ledger = Ledger(10_000)
        topics = self.spec.topics
        decoder = Decoder(self.spec, DIGESTS, self.schemas)
        self._intake = Intake(
            dict.fromkeys(topics, decoder), {t: t for t in topics}, self._sends, lambda: 1_000.0
        )

    def take(self, records: Iterable[Record]) -> None:
        """Read *records* in this order; those of one lead wait together."""
        waiting: dict[LeadId, list[LeadChange]] = {}
        for record in records:
            for change in self._taken(record):
                waiting.setdefault(change.lead, []).append(change)
        for lead, changes in waiting.items():
            self._give(lead, changes)

    def contact(self, lead: str) -> Contact | None:
        """Return the contact of a lead, None where the list has none."""
        found = [c for c in self.platform.contacts.values() if c.data["CRM_Lead_ID"] == lead]
        return found[0] if found else None

    @property
    def callable(self) -> Mapping[str, Mapping[str, str]]:
        """Return the rows of the contacts that may be called, by lead."""
        usable = [each for each in self.platform.contacts.values() if each.callable]
        return {each.data["CRM_Lead_ID"]: each.data for each in usable}

    def _taken(self, record: Record) -> list[LeadChange]:
        place = TopicPartition(record.topic, record.partition)
        if place not in self._ledger:
            self._ledger.start(place, None, contiguous=False)
        take(self._intake, record, self._ledger.open(place, record.offset))
        for topic in self._sends.topics:
            while topic.waiting:
                topic.deliver()
        for each in self._sends.outcomes.log:
            assert isinstance(each, Outcome)
            self._tell(each.outcome_id, (each.verdict, each.reason))
        changes = [
            lead_changes.decode(lead_changes.encode(each))
            for each in self._sends.changes.log
            if isinstance(each, LeadChange)
        ]
        self._sends.outcomes.log.clear()
        self._sends.changes.log.clear()
        return changes

    def _give(self, lead: LeadId, changes: Iterable[LeadChange]) -> None:
        """Let a lead's lane work to its end, and then those of the ids that it was given since."""
        if lead not in self._lanes:
            self._lanes[lead] = OneLane(self._policy, platform=self.platform, lead=lead)
        lane = self._lanes[lead]
        before = len(lane.done)
        lane.give(*changes)
        for done in lane.done[before:]:
            if done.verdict is not None:
                self._tell(done.pending.change.origin.outcome_id, (done.verdict, done.reason))
            for follower in done.follows:
                self._give(follower.lead, [follower])

    def _tell(self, outcome_id: OutcomeId, ending: Ending) -> None:
        assert outcome_id not in self.endings, f"two outcomes: {outcome_id}"
        self.endings[outcome_id] = ending
