"""The law of the dead-letter share: it is the plain count over the last 1,000 records."""

from bisect import bisect_left
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.reason import Reason
from connector.planning.letter_share import WINDOW, LetterShare

_REASONS = st.sampled_from([Reason.UNDECODABLE, Reason.PHONE_INVALID, Reason.GAP])
_RUNS = st.lists(st.tuples(st.none() | _REASONS, st.integers(1, 700)), max_size=6)
_SHARES = st.integers(1, 1_000).map(lambda thousandths: thousandths / WINDOW)


@given(runs=_RUNS, share=_SHARES)
def test_it_trips_where_a_plain_count_says_so(
    runs: list[tuple[Reason | None, int]], share: float
) -> None:
    """For every history of runs, at each record: never earlier, never later, and it names what
    is there most often.
    """
    counted = LetterShare(share)
    history = [reason for reason, times in runs for _ in range(times)]
    places = [number for number, reason in enumerate(history) if reason is not None]
    for number, reason in enumerate(history):
        found = counted.take(reason)
        since = bisect_left(places, number - WINDOW + 1)
        count = bisect_left(places, number + 1) - since
        assert (found is not None) == (reason is not None and count > round(share * WINDOW))
        if found is not None:
            assert (found.letters, found.records) == (count, min(number + 1, WINDOW))
            there = Counter(history[place] for place in places[since : since + count])
            assert found.of_reason == there[found.reason] == max(there.values())
            return  # the brake has tripped; its release counts anew
