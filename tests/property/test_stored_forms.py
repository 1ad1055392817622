"""What is written to our own topics is read back as it was, and nothing else is read at all."""

from collections.abc import Callable
from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.belief import NOTHING_KNOWN, Belief
from connector.domain.change import LeadChange
from connector.domain.ids import LeadId
from connector.stream import lead_changes, state_rows
from connector.stream.packing import UnknownFormError
from connector.stream.state_rows import RowKind
from tests.support.stored_values import beliefs, changes, leads

_DECODERS: tuple[Callable[[bytes], object], ...] = (
    lead_changes.decode,
    state_rows.decode_lead,
    state_rows.decode_opt_out,
    state_rows.decode_lift,
)


@given(changes)
def test_a_change_survives_its_topic(change: LeadChange) -> None:
    """Every kind of change is decoded as it was encoded."""
    assert lead_changes.decode(lead_changes.encode(change)) == change


@given(changes)
def test_equal_changes_have_equal_bytes(change: LeadChange) -> None:
    """Sets are written in order, so that what is sent again is the same to the byte."""
    again = lead_changes.decode(lead_changes.encode(change))
    assert lead_changes.encode(again) == lead_changes.encode(change)


@given(changes)
def test_a_change_without_the_count_of_its_record_s_parts_is_the_only_one(
    change: LeadChange,
) -> None:
    """So they were written before there was one."""
    data = lead_changes.encode(change)
    fields = orjson.loads(data[1:])
    fields[2].pop()
    alone = replace(change, origin=replace(change.origin, parts=1))
    assert lead_changes.decode(data[:1] + orjson.dumps(fields)) == alone


@given(leads, beliefs)
def test_a_belief_survives_its_rows(lead: LeadId, belief: Belief) -> None:
    """The rows of a belief give the belief again."""
    table = dict(state_rows.changed_rows(lead, NOTHING_KNOWN, belief))
    assert state_rows.read(lead, table.get) == belief


@given(leads, beliefs, beliefs)
def test_rows_of_a_change_are_enough(lead: LeadId, before: Belief, after: Belief) -> None:
    """What differs is written, and an opt-out or lift is never taken back by it."""
    table = dict(state_rows.changed_rows(lead, NOTHING_KNOWN, before))
    table.update(state_rows.changed_rows(lead, before, after))
    kept = replace(
        after,
        opt_out=after.opt_out or before.opt_out,
        lift=after.lift or before.lift,
    )
    assert state_rows.read(lead, table.get) == kept
    assert state_rows.changed_rows(lead, after, after) == ()


@given(leads, leads, st.sampled_from(RowKind), st.sampled_from(RowKind))
def test_no_key_names_two_rows(one: LeadId, other: LeadId, kind: RowKind, such: RowKind) -> None:
    """Two rows share a key only if they are the same row of the same lead, whatever its id."""
    first, second = state_rows.row_key(one, kind), state_rows.row_key(other, such)
    assert (first == second) == ((one, kind) == (other, such))
    assert state_rows.split_key(first) == (one, kind)


@given(st.binary(max_size=40))
@pytest.mark.parametrize("decode", _DECODERS)
def test_foreign_bytes_are_refused_in_one_way(
    decode: Callable[[bytes], object], data: bytes
) -> None:
    """Whatever stands in our topics is read, or refused with the one declared error."""
    refused: UnknownFormError | None = None
    try:
        decode(data)
    except UnknownFormError as error:
        refused = error
    if refused is not None:
        assert (refused.__cause__, refused.__context__) == (None, None)


@given(st.binary(max_size=12))
def test_foreign_keys_are_refused_in_one_way(key: bytes) -> None:
    """Whatever stands as a key in the changelog names a row, or is refused."""
    try:
        lead, kind = state_rows.split_key(key)
    except UnknownFormError:
        return
    assert state_rows.row_key(lead, kind) == key
