"""Make the records that every contender reads: flat JSON leads of about 350 bytes."""

from collections.abc import Iterator
from dataclasses import dataclass

import orjson

OPT_OUT_EVERY = 50
"""200 opt-outs in 10,000 records; every second one is of a lead that came before."""

_EARLIER = 2_500
"""So many records before it came the lead that opts out."""

_FIRST_NAMES = ("Ada", "Grace", "Edsger", "Barbara", "Donald", "Radia", "Leslie", "Frances")
_LAST_NAMES = ("Lovelace", "Hopper", "Dijkstra", "Liskov", "Knuth", "Perlman", "Lamport", "Allen")
_ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles")
_STATES = ("NY", "IL", "CO", "CA", "TX", "FL", "WA")
_SOURCES = ("web", "fair", "referral", "partner")


@dataclass(frozen=True, slots=True)
class LeadRecord:
    """One record of the source topic."""

    key: bytes
    value: bytes


def lead_records(count: int) -> Iterator[LeadRecord]:
    """Make *count* records: new leads, and two in a hundred that opt out."""
    for number in range(count):
        opts_out = number % OPT_OUT_EVERY == OPT_OUT_EVERY - 1
        seen_before = opts_out and number % (2 * OPT_OUT_EVERY) == OPT_OUT_EVERY - 1
        who = number - _EARLIER if seen_before and number >= _EARLIER else number
        yield a_lead(who, opts_out=opts_out)


def a_lead(number: int, *, opts_out: bool = False, status: str = "Open") -> LeadRecord:
    """Make the record of one lead."""
    lead = f"00Q5g00000{number:08d}"
    first, last = _FIRST_NAMES[number % 8], _LAST_NAMES[number // 8 % 8]
    row = {
        "lead_id": lead,
        "first_name": first,
        "last_name": last,
        "phone_mobile": f"+1212{number % 8_000_000 + 2_000_000:07d}",
        "phone_home": f"({305 + number % 5}) 555-{number % 10_000:04d}" if number % 4 == 0 else "",
        "time_zone": _ZONES[number % 4],
        "status": "DNC_Requested" if opts_out else status,
        "email": f"{first}.{last}.{number}@example.com".lower(),
        "company": f"{last} and Sons {number % 1000} Limited",
        "state": _STATES[number % 7],
        "source": _SOURCES[number % 4],
        "do_not_call": opts_out,
        "updated_at": f"2026-01-{number % 28 + 1:02d}T{number % 24:02d}:00:00.000Z",
    }
    return LeadRecord(lead.encode(), orjson.dumps(row))
