"""Compare what a connector did with what must be true, and name every difference."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from tests.support.contact_truth import ContactTruth
from tests.support.control import Control, PlatformContact
from tests.support.feed import OutcomeSeen
from tests.support.flat_reading import Kind
from tests.support.lead_truth import Ending
from tests.support.scene import LEAD_COLUMN, ListScene
from tests.support.topics import Read
from tests.support.truth import RecordTruth, Truth

VERDICTS = ("applied", "unchanged", "duplicate", "stale", "suppressed", "rejected")
CHANGES = {
    Kind.TOMBSTONE: ("delete",),
    Kind.OPT_OUT: ("opt_out",),
    Kind.QUARANTINE: ("quarantine",),
    Kind.UPSERT: ("upsert", "quarantine"),
}
_REMADE: tuple[Ending, ...] = (
    ("applied", None),
    ("applied", "kept_quarantined"),
    ("applied", "phone_dropped"),
    ("applied", "no_number"),
    ("applied", "late_opt_out"),
    ("unchanged", "same_row"),
    ("unchanged", "no_contact"),
    ("unchanged", "no_phone"),
    ("unchanged", "no_list"),
    ("unchanged", "opted_out"),
)
"""What was accepted before a kill and decided again after it may be told either way."""


class Outcomes(Protocol):
    """What was told: the first outcome of each id with its key, and what came later."""

    first: dict[str, OutcomeSeen]
    again: list[OutcomeSeen]
    keys: dict[str, bytes | None]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is there at the end."""

    feed: Outcomes
    letters: Sequence[Read]
    contacts: dict[str, list[PlatformContact]]
    numbers: dict[str, frozenset[str]]


def gather(truth: Truth, control: Control, feed: Outcomes, letters: Sequence[Read]) -> Facts:
    """Look into the simulator's books."""
    lists = truth.scene.lists
    return Facts(
        feed,
        letters,
        {each.id: control.contacts(each.id) for each in lists},
        {each: control.numbers(each) for each in truth.scene.dnc_lists},
    )


def differences(truth: Truth, facts: Facts, *, kills: bool = False) -> list[str]:
    """Name everything in *facts* that is not as *truth* demands."""
    return [
        *_outcomes(truth, facts.feed, kills=kills),
        *_sums(truth, facts.feed, kills=kills),
        *_letters(truth, facts.letters, kills=kills),
        *(line for each in truth.scene.lists for line in _list(truth, each, facts.contacts)),
        *_numbers(truth, facts.numbers),
    ]


def _outcomes(truth: Truth, feed: Outcomes, *, kills: bool) -> Iterator[str]:
    for outcome_id, record in truth.records.items():
        outcome = feed.first.get(outcome_id)
        if outcome is None:
            yield f"{outcome_id} ({record.cell}): no outcome"
            continue
        ending = (outcome.verdict, outcome.reason)
        if ending not in _allowed(record, kills=kills):
            want = sorted(record.endings, key=str)
            yield f"{outcome_id} ({record.cell}, {record.lead}): {ending}, wanted {want}"
        yield from _fields(truth, record, outcome)
        if outcome.lead_id is not None and feed.keys[outcome_id] != outcome.lead_id.encode():
            yield f"{outcome_id} ({record.cell}): its outcome has another key than its lead"


def _allowed(record: RecordTruth, *, kills: bool) -> frozenset[Ending]:
    if kills and any(verdict in ("applied", "unchanged") for verdict, _ in record.endings):
        return record.endings | frozenset(_REMADE)
    return record.endings


def _fields(truth: Truth, record: RecordTruth, outcome: OutcomeSeen) -> Iterator[str]:
    where = f"{outcome.outcome_id} ({record.cell})"
    source = outcome.source
    if f"{source.topic}/{source.partition}/{source.offset}" != outcome.outcome_id:
        yield f"{where}: its source is {source}"
    if record.lead is not None and outcome.lead_id != record.lead:
        yield f"{where}: lead {outcome.lead_id}, wanted {record.lead}"
    kinds = CHANGES.get(record.kind)
    told = outcome.reason != "not_a_lead_change"
    if kinds is not None and told and outcome.change not in kinds:
        yield f"{where}: change {outcome.change}, wanted one of {kinds}"
    if record.kind is Kind.OPT_OUT and outcome.lane != "compliance":
        yield f"{where}: lane {outcome.lane}"
    lists = {each.id for each in truth.scene.lists}
    dnc_lists = set(truth.scene.dnc_lists)
    for effect in outcome.effects:
        places = dnc_lists if effect.action == "numbers_blocked" else lists
        if effect.list not in places:
            yield f"{where}: effect {effect.action} on {effect.list}"
    blocked = {each.list for each in outcome.effects if each.action == "numbers_blocked"}
    if record.blocks and outcome.verdict == "applied" and blocked != dnc_lists:
        yield f"{where}: blocked on {sorted(blocked)} only"
    wrote = any(each.action != "verified" for each in outcome.effects)
    if outcome.verdict in ("duplicate", "stale", "unchanged") and wrote:
        yield f"{where}: {outcome.verdict} with effects {outcome.effects}"


def _sums(truth: Truth, feed: Outcomes, *, kills: bool) -> Iterator[str]:
    if feed.again and not kills:
        repeated = sorted({each.outcome_id for each in feed.again})
        yield f"{len(repeated)} records have two outcomes: {repeated[:5]}"
    strangers = set(feed.first) - set(truth.records)
    if strangers:
        yield f"{len(strangers)} outcomes of no record: {sorted(strangers)[:5]}"
    counted = Counter(each.verdict for each in feed.first.values())
    if set(counted) - set(VERDICTS):
        yield f"unknown verdicts in {counted}"
    if counted.total() != len(truth.records):
        yield f"{counted.total()} outcomes for {len(truth.records)} records"


def _letters(truth: Truth, letters: Sequence[Read], *, kills: bool) -> Iterator[str]:
    times: Counter[str] = Counter()
    wanted = truth.letters
    for letter in letters:
        headers = dict(letter.headers)
        source = (headers.get("connector.source") or b"").decode()
        times[source] += 1
        entry = truth.bodies.get(source)
        if entry is None:
            yield f"a dead letter of no record: {source!r}"
            continue
        if (letter.key, letter.value) != (entry.key, entry.value):
            yield f"{source}: its dead letter has other bytes"
        reason = (headers.get("connector.reason") or b"").decode()
        if source not in wanted or reason != wanted[source]:
            yield f"{source} ({entry.cell}): dead letter {reason!r}, wanted {wanted.get(source)}"
        original = {name: value for name, value in letter.headers if name in dict(entry.headers)}
        if original != dict(entry.headers):
            yield f"{source}: its dead letter lost headers"
    for source in wanted:
        if times[source] == 0 or (times[source] > 1 and not kills):
            yield f"{source}: {times[source]} dead letters"


def _list(
    truth: Truth, each: ListScene, contacts: dict[str, list[PlatformContact]]
) -> Iterator[str]:
    found: dict[str, list[PlatformContact]] = defaultdict(list)
    for contact in contacts[each.id]:
        found[contact.data[LEAD_COLUMN]].append(contact)
    for lead, life in truth.leads.items():
        wanted = life.contacts[each.id]
        there = found.pop(lead, [])
        if each.id in life.may_remain:
            there = [contact for contact in there if contact.callable or wanted]
        for line in _contacts_of(lead, wanted, there):
            yield f"{each.name}: {line}"
    if found:
        yield f"{each.name}: contacts of strangers: {sorted(found)[:5]}"


def _contacts_of(
    lead: str, wanted: list[ContactTruth], found: list[PlatformContact]
) -> Iterator[str]:
    by_id = {contact.id: contact for contact in found}
    ours = [each for each in wanted if each.foreign is None]
    if len(ours) > 1:
        yield f"{lead}: the model holds two contacts of ours"
    foreign = {each.foreign for each in wanted if each.foreign is not None}
    strangers = [contact for key, contact in by_id.items() if key not in foreign]
    for each in wanted:
        if each.foreign is not None:
            contact = by_id.get(each.foreign)
        else:
            contact = strangers.pop() if strangers else None
            if contact is not None and contact.id != _chosen(lead, contact.id):
                yield f"{lead}: contact id {contact.id}"
        if contact is None:
            if not each.may_lack:
                yield f"{lead}: no contact, wanted callable {each.callable}"
            continue
        if contact.callable is not each.callable:
            yield f"{lead}: callable {contact.callable}"
        if contact.data not in each.may_hold():
            yield f"{lead}: row {_unlike(contact.data, each.data)}"
    for contact in strangers:
        yield f"{lead}: a contact too many, {contact.id}, callable {contact.callable}"


def _chosen(lead: str, given: str) -> str:
    """Say which id we choose: the lead id where it is safe, else any UUID of version 5."""
    safe = lead.isascii() and all(c.isalnum() or c in "_-" for c in lead)
    if safe and len(lead) <= 100:
        return lead
    return given if len(given) == 36 and given[14] == "5" else "a UUIDv5"


def _unlike(found: dict[str, str], wanted: dict[str, str]) -> str:
    names = sorted(set(found) | set(wanted))
    return ", ".join(
        f"{name} {found.get(name)!r} for {wanted.get(name)!r}"
        for name in names
        if found.get(name) != wanted.get(name)
    )


def _numbers(truth: Truth, numbers: dict[str, frozenset[str]]) -> Iterator[str]:
    must, may = truth.blocked, truth.blocked | truth.perhaps_blocked
    for dnc, found in numbers.items():
        if must - found:
            yield f"DNC {dnc}: {len(must - found)} numbers are missing: {sorted(must - found)[:5]}"
        if found - may:
            yield f"DNC {dnc}: {len(found - may)} numbers too many: {sorted(found - may)[:5]}"
