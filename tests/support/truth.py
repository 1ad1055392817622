"""What must be true at the end of a flat history: an independent model of the connector.

It shares no line with the connector. From the records in Kafka's order and what others did to
the contacts it computes contacts, Do-Not-Call lists, dead letters, and for each record the set
of endings that are right.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.support.cells import Load, Refuse, Touch
from tests.support.companions import loosened
from tests.support.contact_truth import ContactTruth
from tests.support.flat_reading import Kind, Reading, read
from tests.support.histories import Doing, History
from tests.support.lead_truth import Ending, LeadTruth
from tests.support.person import Entry
from tests.support.scene import Scene


@dataclass(frozen=True, slots=True)
class Written:
    """A record of the history, and the coordinates that the broker gave it."""

    outcome_id: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class Played:
    """A phase as it was played: what others did, with the ids that their contacts got."""

    doings: Sequence[tuple[Doing, str | None]]
    records: Sequence[Written]


@dataclass(frozen=True, slots=True)
class RecordTruth:
    """How one record may have ended."""

    cell: str
    lead: str | None
    kind: Kind
    endings: frozenset[Ending]
    blocks: frozenset[str]
    """Numbers that its effects must have blocked on every DNC list, where it was applied."""


@dataclass(slots=True)
class Truth:
    """Everything that must hold."""

    scene: Scene
    leads: dict[str, LeadTruth] = field(default_factory=dict)
    records: dict[str, RecordTruth] = field(default_factory=dict)
    bodies: dict[str, Entry] = field(default_factory=dict)

    @property
    def letters(self) -> Mapping[str, str | None]:
        """Records that must have exactly one dead letter, with its reason."""
        return {
            outcome_id: reason
            for outcome_id, record in self.records.items()
            for verdict, reason in record.endings
            if verdict == "rejected"
        }

    @property
    def blocked(self) -> frozenset[str]:
        """Numbers that every DNC list must hold."""
        return frozenset().union(*(lead.blocked for lead in self.leads.values()))

    @property
    def perhaps_blocked(self) -> frozenset[str]:
        """Numbers that a DNC list may hold beside: opted-out leads had them some time."""
        held = (lead.perhaps for lead in self.leads.values() if lead.opted_out)
        return frozenset().union(*held)


def truth(scene: Scene, phases: Sequence[Played]) -> Truth:
    """Compute what must be true after *phases*."""
    result = Truth(scene)
    for number, phase in enumerate(phases):
        for doing, contact_id in phase.doings:
            _others(result, doing, contact_id)
        _phase(result, number, phase.records)
    return result


def watched(history: History) -> list[str]:
    """Name the leads whose first quarantine ever is an opt-out's.

    Only those may be watched by the simulator for calls after an opt-out: to it any contact
    that was made uncallable counts as opted out.
    """
    by_opt_out = {doing.lead: False for phase in history.phases for doing in phase.doings}
    routes: dict[str, frozenset[str]] = {}
    for placed in history.records:
        reading = read(history.scene, placed.entry.key, placed.entry.value)
        if reading.lead is None or reading.kind is Kind.BROKEN:
            continue
        if reading.kind is Kind.OPT_OUT:
            by_opt_out.setdefault(reading.lead, True)
            continue
        stays = reading.routes >= routes.get(reading.lead, frozenset())
        routes[reading.lead] = reading.routes
        if reading.kind is not Kind.UPSERT or not reading.numbers or not stays:
            by_opt_out.setdefault(reading.lead, False)
    return [lead for lead, first in by_opt_out.items() if first]


def _others(result: Truth, doing: Doing, contact_id: str | None) -> None:
    lead = result.leads.setdefault(doing.lead, LeadTruth(result.scene))
    match doing.act:
        case Load(callable=callable_):
            by = None if callable_ else "other"
            contact = ContactTruth(dict(doing.data), callable_, contact_id, by)
            lead.loaded(doing.list_id, contact)
        case Touch(off=off, called=called):
            for contact in lead.contacts[doing.list_id]:
                contact.called |= called
                if off:
                    contact.callable, contact.by = False, "other"
        case Refuse():
            for contact in lead.contacts[doing.list_id]:
                contact.refused = True


def _phase(result: Truth, number: int, records: Sequence[Written]) -> None:
    of_lead: dict[str, list[tuple[Written, Reading]]] = defaultdict(list)
    for written in records:
        reading = read(result.scene, written.entry.key, written.entry.value)
        result.bodies[written.outcome_id] = written.entry
        of_lead[reading.lead or written.outcome_id].append((written, reading))
    for group in of_lead.values():
        _group(result, number, group)


def _group(result: Truth, number: int, group: list[tuple[Written, Reading]]) -> None:
    readings = [reading for _, reading in group]
    lead_id = readings[0].lead
    lead = (
        LeadTruth(result.scene)
        if lead_id is None
        else result.leads.setdefault(lead_id, LeadTruth(result.scene))
    )
    opted_out, known = lead.opted_out, frozenset(lead.blocked)
    for index, (written, reading) in enumerate(group):
        blocked = frozenset(lead.blocked)
        exact = lead.take(number, reading)
        endings = loosened(
            exact,
            reading,
            readings[:index],
            readings[index + 1 :],
            opted_out=opted_out,
            blocked=known,
        )
        alone = len(group) == 1 and reading.kind is Kind.OPT_OUT
        blocks = frozenset(reading.numbers - blocked) if alone else frozenset[str]()
        result.records[written.outcome_id] = RecordTruth(
            written.entry.cell, lead_id, reading.kind, endings, blocks
        )
