"""What became of opt-outs: `connector report compliance`, and its evidence."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from connector.domain.change import ChangeKind
from connector.domain.ids import LeadId
from connector.domain.origin import Origin
from connector.domain.outcome import Action, Effect, Latency, Outcome
from connector.domain.reason import Reason, Verdict
from connector.ops.compliance_report import ComplianceReport, Line
from connector.ops.evidence import Evidence
from connector.ops.waiting_opt_outs import WaitingOptOut
from tests.support.told_outcomes import APPEND, an_opt_out, an_outcome, told


def report(outcomes: Iterable[Outcome], *waiting: int) -> tuple[ComplianceReport, list[Line]]:
    """Count *outcomes* beside opt-outs that wait at these offsets; return the evidence too."""
    lines: list[Line] = []
    counted = ComplianceReport({each.origin.outcome_id: each for each in map(_waiting, waiting)})
    counted.keep = lines.append
    for each in outcomes:
        counted.take(told(each))
    return counted, [*lines, *counted.open_lines()]


def _waiting(offset: int) -> WaitingOptOut:
    origin = Origin("default", "crm", "crm", 0, offset, APPEND)
    return WaitingOptOut(origin, LeadId(f"L-{offset}"), ChangeKind.OPT_OUT)


def test_the_document_is_the_contracts() -> None:
    """Counts by records, the percentiles, the longest first."""
    counted, lines = report(
        [
            an_opt_out(0, 400, verified_ms=90),
            an_opt_out(1, 300),
            an_opt_out(2, None, Verdict.APPLIED, Reason.NO_NUMBER, verified_ms=70),
            an_opt_out(3, None, Verdict.UNCHANGED, Reason.OPTED_OUT),
            an_opt_out(4, 9_000, change=ChangeKind.NUMBERS),
            an_outcome(5),
            an_outcome(6, change=ChangeKind.LIFT, verdict=Verdict.APPLIED, reason=Reason.LIFTED),
        ],
        7,
    )
    assert counted.document() == {
        "opt_outs": 6,
        "honoured": 5,
        "without_number": 1,
        "open": 1,
        "verified": 2,
        "latency_ms": {"p50": 400, "p99": 9_000, "max": 9_000},
        "worst": [
            {"lead_id": "L-4", "source": "crm/0/4", "latency_ms": 9_000},
            {"lead_id": "L-0", "source": "crm/0/0", "latency_ms": 400},
            {"lead_id": "L-1", "source": "crm/0/1", "latency_ms": 300},
        ],
        "exceptions": {"waiting": 1},
    }
    assert [line["honoured"] for line in lines] == [True] * 5 + [False]
    assert [line["outcome_id"] for line in lines] == [f"crm/0/{n}" for n in (0, 1, 2, 3, 4, 7)]
    assert [line["latency_ms"] for line in lines[:3]] == [400, 300, None]


@pytest.mark.parametrize(
    ("reason", "honoured"),
    [
        (Reason.REFUSED_BY_PLATFORM, 0),
        (Reason.PHONE_INVALID, 0),
        (Reason.COLLISION, 0),
        (Reason.COLUMN_INVALID, 1),
        (Reason.LEAD_ID_MISSING, 1),
    ],
)
def test_a_rejected_opt_out(reason: Reason, honoured: int) -> None:
    """Open where a number or a contact may still be called; else another field was bad."""
    counted, (line,) = report([an_opt_out(0, 100, Verdict.REJECTED, reason)])
    assert (counted.opt_outs, counted.honoured, counted.open) == (1, honoured, 1 - honoured)
    assert counted.exceptions == ({} if honoured else {reason: 1})
    assert line["honoured"] is bool(honoured)


def test_what_was_refused_is_honoured_once_it_is_sent_again() -> None:
    """The redriven record stands in its place; replays of others count nothing."""
    refused = an_opt_out(0, None, Verdict.REJECTED, Reason.REFUSED_BY_PLATFORM)
    still = replace(an_opt_out(0, None, Verdict.REJECTED, Reason.PHONE_INVALID, replay="r1"))
    mended = an_opt_out(0, 500, replay="r2")
    other = an_opt_out(1, 100)
    counted, lines = report([refused, other, still, mended, an_opt_out(1, 900, replay="r2")])
    assert (counted.opt_outs, counted.honoured, counted.open) == (2, 2, 0)
    assert [line["outcome_id"] for line in lines] == ["crm/0/1", "crm/0/0@r2"]
    assert counted.latency.largest == 500


def test_what_waited_and_has_an_outcome_waits_no_more() -> None:
    """Also where that outcome was told twice."""
    counted, lines = report([an_opt_out(3, 100), an_opt_out(3, 200)], 3, 4)
    assert (counted.opt_outs, counted.honoured, counted.open) == (2, 1, 1)
    assert [line["outcome_id"] for line in lines] == ["crm/0/3", "crm/0/4"]


def test_records_that_opt_nothing_out_are_none() -> None:
    """A delete in a table of numbers, an empty row."""
    nothing = [
        an_opt_out(n, None, Verdict.UNCHANGED, reason, change=ChangeKind.NUMBERS)
        for n, reason in enumerate([Reason.NOT_A_LEAD_CHANGE, Reason.NO_PHONE])
    ]
    assert report(nothing)[0].opt_outs == 0


def test_only_the_longest_are_kept() -> None:
    """Ten, the earlier first among equals."""
    counted, _ = report(an_opt_out(n, 7 if n % 2 else n) for n in range(40))
    assert [took for _, took in counted.worst] == [38, 36, 34, 32, 30, 28, 26, 24, 22, 20]
    equal, _ = report(an_opt_out(n, 5) for n in range(12))
    assert [each.offset for each, _ in equal.worst] == list(range(10))


def test_the_latency_of_a_version_that_did_not_tell_it() -> None:
    """That of the last acceptance of all, and none where no number was blocked."""
    steps = Latency(None, 10, 20, 30)
    blocked = replace(an_opt_out(0, 1), latency=steps)
    quarantined = replace(
        blocked,
        outcome_id=an_opt_out(1).outcome_id,
        effects=(Effect("list", Action.QUARANTINED, "c"),),
    )
    counted, _ = report([blocked, quarantined])
    assert counted.honoured == 2
    assert counted.latency.document() == {"p50": 60, "p99": 60, "max": 60}


def test_evidence_is_whole_or_not_there(tmp_path: Path) -> None:
    """The digest is of every byte, in the form of sha256sum; a failure leaves nothing."""
    path = tmp_path / "2027.jsonl"
    with Evidence(path) as evidence:
        evidence.write({"outcome_id": "crm/0/1", "honoured": True})
        evidence.write({"outcome_id": "crm/0/2", "honoured": False})
        assert not path.exists()
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["honoured"] for line in lines] == [True, False]
    digest, name = (tmp_path / "2027.jsonl.sha256").read_text().split()
    assert (digest, name) == (hashlib.sha256(path.read_bytes()).hexdigest(), path.name)
    with pytest.raises(ZeroDivisionError), Evidence(tmp_path / "other.jsonl"):
        raise ZeroDivisionError
    assert sorted(each.name for each in tmp_path.iterdir()) == [path.name, f"{path.name}.sha256"]
