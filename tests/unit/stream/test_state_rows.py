"""Tables of cases for the rows of the state: size, keys, versions, what they must not hold."""

import pytest

from connector.domain.belief import (
    NOTHING_KNOWN,
    Belief,
    ContactBelief,
    ListBelief,
    Mark,
    OptOutBelief,
    QuarantinedBy,
)
from connector.domain.ids import (
    ContactId,
    Digest,
    DncListId,
    LeadId,
    ListId,
    OutcomeId,
)
from connector.domain.revision import Position, Revision
from connector.stream import state_rows
from connector.stream.packing import UnknownFormError
from connector.stream.state_rows import RowKind

_MARK = Mark(
    "uuLGq2jUTyqzcHwyXMxTkA",
    3,
    1_234_567,
    Revision(Position("lsn", (26_823_448,)), 1_790_000_000_000),
)
_LISTED = ListBelief(
    (
        ContactBelief(
            ContactId("L-1"),
            Digest("qL1x0Zy0V3sZ4s0l2p9k"),
            callable=False,
            by=QuarantinedBy.OURS,
            since=1_790_000_000_000,
        ),
    ),
    looked=True,
    routed=True,
)
_BELIEF = Belief(marks=(_MARK,), lists={ListId("1f1a5f5e-6d2c-4f0e-9c7b-0d0f5a1b2c3d"): _LISTED})


def test_a_row_is_a_few_hundred_bytes() -> None:
    """A usual lead, with one mark and one contact, takes less than 250 bytes."""
    (row,) = state_rows.changed_rows(LeadId("L-1"), NOTHING_KNOWN, _BELIEF)
    assert len(row.key) + len(row.value) < 250


def test_the_lead_row_is_keyed_by_the_lead_as_it_is() -> None:
    """The key of the lead row is CRM_Lead_ID in UTF-8, so that people find it."""
    assert state_rows.row_key(LeadId("Zoë 1"), RowKind.LEAD) == "Zoë 1".encode()


def test_only_rows_that_differ_are_written() -> None:
    """An opt-out that blocks a number more leaves the lead row alone, and stands first."""
    lead, out = LeadId("L-1"), OptOutBelief(1, OutcomeId("t/0/1"), (_MARK,))
    blocked = OptOutBelief(
        1, OutcomeId("t/0/1"), (_MARK,), frozenset({(DncListId("d"), Digest("x"))})
    )
    before = Belief(marks=(_MARK,), opt_out=out)
    (row,) = state_rows.changed_rows(lead, before, Belief(marks=(_MARK,), opt_out=blocked))
    assert state_rows.split_key(row.key) == (lead, RowKind.OPT_OUT)
    both = state_rows.changed_rows(lead, NOTHING_KNOWN, before)
    assert [state_rows.split_key(each.key)[1] for each in both] == [RowKind.OPT_OUT, RowKind.LEAD]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "form (empty)"),
        (b"\x02[]", "form 2; this version reads form 1"),
        (b"\x01[1", "did not write"),
        (b"\x01[]", "did not write"),
        (b'\x01{"a":1}', "did not write"),
    ],
)
def test_another_version_is_named(data: bytes, told: str) -> None:
    """A row that this version cannot read says which form it has and what to do."""
    with pytest.raises(UnknownFormError, match="a lead's state") as refused:
        state_rows.decode_lead(data)
    assert told in str(refused.value)


def test_a_lead_without_rows_is_unknown() -> None:
    """Nothing in the table is nothing known."""
    nothing: dict[bytes, bytes] = {}
    assert state_rows.read(LeadId("L-1"), nothing.get) == NOTHING_KNOWN
