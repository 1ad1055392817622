"""Health in words: what is missing, why, and for how long."""

from connector.stream.health import STALLED, Fact, Health


class Hands:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Tell the time that was set."""
        return self.now


def test_a_new_worker_says_everything_that_it_lacks() -> None:
    """Four facts are missing at first; the worker's own probe asks for two of them."""
    clock = Hands()
    health = Health(clock)
    clock.now += 7
    ready = health.ready()
    assert not ready.well
    assert ready.lines == (
        "group: has not joined the consumer group yet, for 7 s",
        "partitions: none are assigned yet, for 7 s",
        "state: is not restored yet, for 7 s",
        "platform: has not answered yet, for 7 s",
    )
    assert health.worker().lines == (ready.lines[0], ready.lines[2])
    assert health.live().well


def test_a_spare_is_a_worker_but_not_ready() -> None:
    """Joined and restored without partitions: the orchestrator leaves it alone."""
    health = Health(Hands())
    for fact in (Fact.JOINED, Fact.RESTORED, Fact.REACHABLE):
        health.has(fact)
    assert health.worker().well
    assert not health.ready().well
    health.has(Fact.ASSIGNED)
    assert health.ready().well
    assert health.ready().lines == ()


def test_a_parked_list_makes_a_worker_unready_until_it_is_freed() -> None:
    """The time counts from the first refusal, the words are the latest."""
    clock = Hands()
    health = Health(clock)
    for fact in Fact:
        health.has(fact)
    health.parked("default", "the list is not there")
    clock.now += 5
    health.parked("default", "permission is refused")
    assert health.ready().lines == ("default: permission is refused, for 5 s",)
    assert health.worker().well
    health.freed("default")
    health.freed("default")
    assert health.ready().well


def test_a_fact_that_is_lost_again_counts_from_then() -> None:
    """An outage after an hour of work is seconds old."""
    clock = Hands()
    health = Health(clock)
    for fact in Fact:
        health.has(fact)
    clock.now += 3600
    health.lacks(Fact.REACHABLE, "cannot be reached (Timeout)")
    clock.now += 2
    assert health.ready().lines == ("platform: cannot be reached (Timeout), for 2 s",)


def test_a_stalled_loop_is_not_live() -> None:
    """Without progress the worker wants a restart; with some it is alive again."""
    clock = Hands()
    health = Health(clock)
    clock.now += STALLED
    assert health.live().lines == ("loop: no progress for 30 s; restart it",)
    health.progressed()
    assert health.live().well
