"""Every line of the Salesforce corpus means what it says, in every layout."""

from dataclasses import replace

import pytest

from connector.cdc.decoding import Changes, Decoded, NotALeadChange, SchemaWanted, Unreadable
from connector.domain.change import (
    LeadChange,
    LeadDelete,
    LeadOptOut,
    LeadQuarantine,
    LeadUpsert,
    kind_of,
)
from tests.support.salesforce import CONNECT, FOREIGN, MOVED, NATIVE, Line, corpus, decoder


def _told(change: LeadChange) -> dict[str, object]:
    """Write a change as the corpus does."""
    told: dict[str, object] = {"change": str(kind_of(change)), "lead": change.lead}
    if isinstance(change, LeadDelete):
        return told
    assert isinstance(change, LeadUpsert | LeadQuarantine | LeadOptOut)
    return told | {"whole": change.row.whole, "fields": dict(change.row.fields)}


def meant(decoded: Decoded) -> list[dict[str, object]]:
    """Write what was decoded as the corpus does: an entry for each outcome."""
    match decoded:
        case Changes(changes=changes):
            assert [each.origin.part for each in changes] == [*range(1, len(changes) + 1)]
            return [_told(each) for each in changes]
        case NotALeadChange(reason=reason, also=also):
            return [{"unchanged": str(reason)} for _ in (None, *also)]
        case SchemaWanted():
            raise AssertionError("the schema is known")
        case Unreadable(reason=reason):
            leads = (decoded.lead, *decoded.also)
            rejected: list[dict[str, object]] = [
                {"rejected": str(reason), "lead": lead} for lead in leads
            ]
            if not decoded.opt_outs:
                return rejected
            assert [each.lead for each in decoded.opt_outs] == list(leads)
            assert [each.origin.part for each in decoded.opt_outs] == [*range(1, len(leads) + 1)]
            assert all(each.flaw and each.flaw.reason is reason for each in decoded.opt_outs)
            return [each | {"opts_out": True} for each in rejected]


def _said(line: Line) -> str:
    return f"{line.layout}: {line.says}"


@pytest.mark.parametrize("line", corpus("a-json", "b", "c", "d"), ids=_said)
def test_a_line_means_what_it_says(line: Line) -> None:
    """Changes, outcomes and their order are those of the corpus."""
    assert meant(decoder("json").decode(line.record(), "topic-id")) == line.means


@pytest.mark.parametrize("line", corpus("a"), ids=_said)
def test_so_does_a_line_in_avro_of_the_vendor_s_schema(line: Line) -> None:
    """Bitmaps are those of the schema that the record names."""
    assert meant(decoder("avro").decode(line.record(NATIVE), "topic-id")) == line.means


@pytest.mark.parametrize(
    "line", [c for c in corpus("c") if c.says != "JSON with its schema"], ids=_said
)
def test_so_does_a_line_in_avro_of_connect(line: Line) -> None:
    """Null fields of the schema are no changes there either."""
    assert meant(decoder("avro").decode(line.record(CONNECT), "topic-id")) == line.means


def test_positions_are_those_of_the_record_s_own_schema() -> None:
    """The same bits name other fields once an administrator has added one in front of them."""
    line = next(each for each in corpus("a") if each.says.startswith("null is not null"))
    header = {"ChangeEventHeader": {**_header(line), "changedFields": ["0x0100"]}}
    moved = replace(line, value={"Status": "Working"} | header)
    assert meant(decoder("avro").decode(moved.record(MOVED), "topic-id")) == line.means
    assert meant(decoder("avro").decode(line.record(NATIVE), "topic-id")) == line.means


def test_bitmaps_of_a_bridge_s_own_schema_are_refused_and_opt_outs_in_it_honoured() -> None:
    """The bits were made over other positions. Records without bitmaps are read all the same."""
    lines = {line.says: line for line in corpus("a")}
    for says, opts_out in (("the worked example", {"opts_out": True}), ("leading zeros", {})):
        line = next(line for name, line in lines.items() if name.startswith(says))
        (told,) = meant(decoder("avro").decode(line.record(FOREIGN), "topic-id"))
        lead = line.means[0]["lead"]
        assert told == {"rejected": "unsupported_layout", "lead": lead} | opts_out
    create = lines["a create is whole"]
    assert meant(decoder("avro").decode(create.record(FOREIGN), "topic-id")) == create.means


def _header(line: Line) -> dict[str, object]:
    assert isinstance(line.value, dict)
    header: dict[str, object] = line.value["ChangeEventHeader"]
    return header
