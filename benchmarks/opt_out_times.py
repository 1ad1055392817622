"""Say when opt-outs were honoured, by the platform's journal and by the outcomes."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from benchmarks.crew import Seen
from benchmarks.platform_server import LIST_ID, SECOND_LIST_ID
from benchmarks.records import a_lead
from tests.support.brokers import Broker
from tests.support.simulators import JournalLine, Simulator
from tests.support.topics import read_topic

Times = dict[str, float]
"""Seconds since 1970, by lead."""


@dataclass(slots=True)
class Journal:
    """What the platform's journal says of opt-outs: read on with `take`."""

    platform: Simulator
    numbers: Times = field(default_factory=dict)
    """When the request arrived that put a number on the DNC list, by number."""
    quarantined: Times = field(default_factory=dict)
    """When the first request arrived that made a contact of the lead uncallable. A lead that had
    no contact yet has none of these: it is never inserted."""
    throttled: list[tuple[float, float]] = field(default_factory=list)
    """From when to when the platform had told the client to be silent."""
    kinds: Seen = field(default_factory=Seen)
    _last: int = 0

    def take(self) -> None:
        """Read on."""
        for line in self.platform.journal(self._last):
            self._last = line.n
            self._note(line)

    def _note(self, line: JournalLine) -> None:
        self.kinds.note(line)
        if line.status == 429:
            self.throttled.append((line.at, line.at + RETRY_AFTER))
        if not line.applied or line.method not in {"POST", "PUT"}:
            return
        if line.path.endswith("/phonenumbers"):
            for number in line.body:
                self.numbers.setdefault(number, line.at)
        elif "/contacts" in line.path:
            for each in line.body if isinstance(line.body, list) else [line.body]:
                if isinstance(each, dict) and each.get("callable") is False:
                    self.quarantined.setdefault(each["data"]["CRM_Lead_ID"], line.at)

    def blocked(self, leads: Collection[str]) -> Times:
        """Return when the last number of each lead was on the DNC list; of those that are."""
        wanted = {lead: numbers_of(lead) for lead in leads}
        return {
            lead: max(self.numbers[each] for each in numbers)
            for lead, numbers in wanted.items()
            if numbers <= self.numbers.keys()
        }


RETRY_AFTER = 3
"""Seconds that a 429 of the storm asks for."""


@cache
def numbers_of(lead: str) -> frozenset[str]:
    """Return the numbers of a lead as the platform writes them."""
    row = json.loads(a_lead(int(lead[-8:])).value)
    home = "".join(digit for digit in row["phone_home"] if digit.isdigit())
    return frozenset({row["phone_mobile"], *([f"+1{home}"] if home else [])})


def callable_leads(platform: Simulator, leads: Collection[str]) -> tuple[int, int]:
    """Return how many contacts of *leads* are callable on any list, and how many there are."""
    contacts = [
        contact
        for list_id in (LIST_ID, SECOND_LIST_ID)
        for lead, found in platform.contacts_by_lead(list_id).items()
        if lead in leads
        for contact in found
    ]
    return sum(bool(contact["callable"]) for contact in contacts), len(contacts)


def told(broker: Broker, application: str) -> Times:
    """Return when the outcome of each lead's opt-out was written, the first where it repeats."""
    at: Times = {}
    for record in read_topic(broker, f"{application}.outcomes"):
        outcome = json.loads(record.value or b"")
        if outcome["change"] == "opt_out":
            moment = record.timestamp / 1000
            at[outcome["lead_id"]] = min(moment, at.get(outcome["lead_id"], moment))
    return at


def tell(
    name: str,
    appended: Mapping[str, float],
    accepted: Mapping[str, float],
    silences: Sequence[tuple[float, float]] = (),
) -> None:
    """Print how long it took from *appended* to *accepted*, without the seconds in which the
    platform had forbidden every request.
    """
    took = sorted(
        accepted[lead] - at - _overlap(silences, at, accepted[lead])
        for lead, at in appended.items()
        if lead in accepted
    )
    if not took:
        print(f"{name}: none of {len(appended)}", flush=True)
        return
    shares = ", ".join(
        f"{words} {took[min(len(took) - 1, int(len(took) * share))]:.3f} s"
        for words, share in (("p50", 0.5), ("p99", 0.99))
    )
    print(f"{name}: {len(took)} of {len(appended)}: {shares}, max {took[-1]:.3f} s", flush=True)


def _overlap(silences: Sequence[tuple[float, float]], since: float, until: float) -> float:
    """Return how many seconds of a span lie in silences, which may overlap each other."""
    total, covered = 0.0, since
    for begun, ended in sorted(silences):
        start, end = max(begun, covered), min(ended, until)
        if end > start:
            total += end - start
            covered = end
    return total
