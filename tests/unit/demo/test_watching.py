"""What the demo makes of the outcomes as they come."""

from connector.demo.crm_table import CrmRecord, Kind
from connector.demo.watching import Watch


def _record(kind: Kind) -> CrmRecord:
    return CrmRecord(kind, "a", b"a", b"{}")


def _outcome(offset: int, verdict: str = "applied", **more: object) -> dict[str, object]:
    return {"outcome_id": f"t/0/{offset}", "verdict": verdict, "effects": []} | more


def _watch() -> Watch:
    watch = Watch()
    watch.expect(["t/0/0", "t/0/1", "t/0/2"], [_record(Kind.NEW)] * 3, backlog=True)
    day = [_record(Kind.OPT_OUT), _record(Kind.EDIT)]
    watch.expect(["t/0/3", "t/0/4"], day, backlog=False)
    return watch


def test_the_first_outcome_of_a_record_counts() -> None:
    """A repeat after a crash says nothing new."""
    watch = _watch()
    watch.take([_outcome(0), _outcome(0, "duplicate")])
    assert watch.verdicts == {"applied": 1}
    assert watch.tally.backlog == (1, 3)
    assert not watch.tally.done


def test_an_opt_out_overtakes_what_still_waits() -> None:
    """Counted are the leads of the backlog that are not settled when it is honoured."""
    watch = _watch()
    latency = {"kafka_to_decided_ms": 5, "decided_to_sent_ms": 20, "sent_to_accepted_ms": 15}
    watch.take([_outcome(0), _outcome(3, latency=latency)])
    assert watch.median_overtaken == 2
    assert watch.median_wait_ms == 40


def test_all_is_done_when_every_record_is_settled() -> None:
    """The tally knows the whole of each group."""
    watch = _watch()
    watch.take([_outcome(offset) for offset in range(5)])
    assert watch.tally.done
    assert watch.tally.settled == watch.tally.whole == 5


def test_nothing_is_overtaken_by_nobody() -> None:
    """Without an opt-out the figures are zero, not an error."""
    assert (Watch().median_overtaken, Watch().median_wait_ms) == (0, 0)
