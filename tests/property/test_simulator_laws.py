"""Laws of the simulator's books: the quota's window, the index of a list, faults by chance."""

from hypothesis import given
from hypothesis import strategies as st

from connector.simulator.contact import Contact
from connector.simulator.contact_list import ContactList
from connector.simulator.quota import WINDOW, Quota
from connector.simulator.seed import Behaviour, ClientSeed

CLIENT = ClientSeed(client_id="c", client_secret="s", requests_per_minute=7)
GAPS = st.lists(st.floats(min_value=0, max_value=20, allow_nan=False), max_size=120)


@given(GAPS)
def test_no_window_holds_more_than_the_allowance(gaps: list[float]) -> None:
    """In no 60 seconds are more requests taken than allowed, and none is refused without need."""
    quota, now, taken = Quota([CLIENT], Behaviour()), 0.0, list[float]()
    for gap in gaps:
        now += gap
        wait = quota.take("c", None, now)
        recent = [at for at in taken if at > now - WINDOW]
        assert (wait is None) == (len(recent) < CLIENT.requests_per_minute)
        if wait is None:
            taken.append(now)
    for at in taken:
        in_window = sum(at <= other < at + WINDOW for other in taken)
        assert in_window <= CLIENT.requests_per_minute


@given(GAPS)
def test_who_waits_as_told_is_let_in(gaps: list[float]) -> None:
    """After the seconds that a 429 names, the next request is taken."""
    quota, now = Quota([CLIENT], Behaviour()), 0.0
    for gap in gaps:
        now += gap
        wait = quota.take("c", None, now)
        if wait is not None:
            assert wait == int(wait) >= 1
            now += wait
            assert quota.take("c", None, now) is None


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["put", "rewrite", "remove", "ask"]),
        st.sampled_from("abcd"),
        st.sampled_from(["", "x", "y"]),
    ),
    max_size=60,
)


@given(STEPS)
def test_the_index_finds_what_a_scan_finds(steps: list[tuple[str, str, str]]) -> None:
    """Whatever was put, rewritten or removed, the index and the rows agree."""
    contacts = ContactList("l", "l", ("A", "P"), ("P",), "", "")
    for step, contact_id, cell in steps:
        data = {"A": cell, "P": ""}
        there = contacts.contacts.get(contact_id)
        if step == "put" and there is None:
            contacts.put(Contact(contact_id, data, "", {}, {}))
        elif step == "rewrite" and there is not None:
            contacts.rewrite(there, data)
        elif step == "remove":
            assert contacts.remove(contact_id) == (there is not None)
        found = {one.id for one in contacts.with_values("A", [cell, cell])}
        assert found == {one.id for one in contacts.contacts.values() if one.data["A"] == cell}
