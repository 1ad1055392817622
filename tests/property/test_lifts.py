"""The law of a person's lift: only it ends an opt-out, and only those that stood before it."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.change import LeadChange, LeadOptOut, OptOutLift, Row
from connector.domain.command import UpsertContact
from connector.domain.ids import PhoneNumber
from connector.domain.origin import PERSON, Origin
from connector.domain.revision import NO_REVISION
from tests.support.lead_changes import (
    LEAD,
    a_delete,
    a_quarantine,
    a_row,
    an_opt_out,
    an_origin,
    an_upsert,
)
from tests.support.one_lane import OneLane

_WORDS = st.sampled_from(["upsert", "quarantine", "delete", "opt_out", "added", "lift", "repeat"])
_HISTORIES = st.lists(st.lists(_WORDS, min_size=1, max_size=4), min_size=1, max_size=6)


def _here(offset: int) -> Origin:
    return an_origin(offset, source=PERSON, topic="opt-outs")


def _change(word: str, at: int) -> LeadChange:
    numbers = frozenset([PhoneNumber(f"+1{500 + at}")])
    match word:
        case "quarantine":
            return a_quarantine(at)
        case "delete":
            return a_delete(at)
        case "opt_out":
            return an_opt_out(at, *numbers)
        case "added":
            return LeadOptOut(LEAD, _here(at), NO_REVISION, Row({}, whole=False), numbers)
        case "lift":
            return OptOutLift(LEAD, _here(at), NO_REVISION, at)
        case _:
            return an_upsert(at, a_row(name=f"Ann {at}"))


def _chunks(words: list[list[str]], pick: st.DataObject) -> Iterator[list[LeadChange]]:
    """Yield what is given together; a repeat gives any change of before once more."""
    told: list[LeadChange] = []
    at = 0
    for together in words:
        chunk = []
        for word in together:
            at += 1
            known = word == "repeat" and told
            change = pick.draw(st.sampled_from(told)) if known else _change(word, at)
            chunk.append(change)
        told.extend(chunk)
        yield chunk


@given(words=_HISTORIES, pick=st.data(), adopt=st.booleans())
def test_only_a_lift_ends_an_opt_out(
    words: list[list[str]], pick: st.DataObject, *, adopt: bool
) -> None:
    """Whatever else comes, together or apart, again or anew, nothing makes the lead callable."""
    lane = OneLane()
    if adopt:
        lane.hold("foreign", Name="Old", Mobile="+1777")
    opted, seen = False, set[str]()
    for chunk in _chunks(words, pick):
        before, sent = opted, len(lane.sent)
        lifts = False
        for change in chunk:
            if change.origin.outcome_id in seen:
                continue
            seen.add(change.origin.outcome_id)
            if isinstance(change, LeadOptOut):
                opted = True
            elif isinstance(change, OptOutLift):
                opted, lifts = False, True
        lane.give(*chunk)
        if opted:
            assert not any(each.callable for each in lane.platform.contacts.values())
        if before and not lifts:
            writes = [each for each in lane.sent[sent:] if isinstance(each, UpsertContact)]
            assert not any(each.callable for each in writes)
        lane = lane.again()
