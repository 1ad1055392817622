"""Bitmaps name fields by their place in the writer's schema."""

from dataclasses import dataclass, field

import pytest

from connector.cdc.cells import TextOf
from connector.cdc.salesforce_bitmaps import ForeignSchemaError, is_bitmap, named_by
from connector.cdc.wire import UndecodableError


@dataclass(frozen=True)
class PaperShape:
    """A shape by hand: names in order, and those of structs."""

    names: tuple[str, ...]
    members: dict[str, tuple[str, ...]] = field(default_factory=dict)
    texts: dict[str, TextOf] = field(default_factory=dict)

    def member(self, name: str) -> "PaperShape | None":
        """Return the shape of a struct."""
        return PaperShape(self.members[name]) if name in self.members else None


REDUCED = PaperShape(
    (
        "ChangeEventHeader",
        "Name",
        "Company",
        "Address",
        "Phone",
        "MobilePhone",
        "Email",
        "Status",
        "HasOptedOutOfEmail",
        "CreatedDate",
        "LastModifiedDate",
        "DoNotCall",
        "External_Lead_ID__c",
        "Time_Zone__c",
    ),
    {"Name": ("Salutation", "FirstName", "LastName"), "Address": ("Street", "City", "State")},
)
"""The schema of salesforce-cdc.md section 4."""

LEAD = PaperShape(
    (
        *("ChangeEventHeader", "Name", "Title", "Company", "Address", "Phone", "MobilePhone"),
        *("Fax", "Email", "Website", "Description", "LeadSource", "Status", "Industry", "Rating"),
        *("AnnualRevenue", "NumberOfEmployees", "OwnerId", "HasOptedOutOfEmail", "IsConverted"),
        *("ConvertedDate", "ConvertedAccountId", "ConvertedContactId", "ConvertedOpportunityId"),
        *("IsUnreadByOwner", "CreatedDate", "CreatedById", "LastModifiedDate"),
    )
)
"""A lead's fields, with those of the vendor's example where it says that they stand."""


def test_the_worked_example() -> None:
    """Three entries: over the top fields, over those of a name, over those of an address."""
    assert named_by(["0x0C20", "1-0x02", "3-0x04"], REDUCED) == {
        "DoNotCall",
        "LastModifiedDate",
        "MobilePhone",
        "Name.FirstName",
        "Address.State",
    }


def test_the_vendor_s_check() -> None:
    """The bits of a converted lead, as the guide of Salesforce counts them."""
    assert named_by(["0x08F81000"], LEAD) == {
        "Status",
        "IsConverted",
        "ConvertedDate",
        "ConvertedAccountId",
        "ConvertedContactId",
        "ConvertedOpportunityId",
        "LastModifiedDate",
    }


@pytest.mark.parametrize(
    ("entries", "named"),
    [
        ([], set()),
        (["0x00"], set()),
        (["0x2"], {"Name"}),
        (["0x0000000000000000000000000002"], {"Name"}),
        (["0x2000"], {"Time_Zone__c"}),
        (["1-0x4", "0x04"], {"Name.LastName", "Company"}),
        (["0xc00"], {"LastModifiedDate", "DoNotCall"}),
        (["Status", "0x04"], {"Status", "Company"}),
    ],
)
def test_what_entries_name(entries: list[str], named: set[str]) -> None:
    """Any width, any case of the digits, either kind first; a name stands for itself."""
    assert named_by(entries, REDUCED) == named


@pytest.mark.parametrize(
    "entry", ["0x4000", "0xFFFFFFFFFFFFFFFFFFFF", "1-0x08", "2-0x01", "14-0x01", "999999999-0x1"]
)
def test_a_bit_past_the_last_field_is_of_another_schema(entry: str) -> None:
    """Nothing is made of it: the positions are those of a schema that is not at hand."""
    with pytest.raises(UndecodableError):
        named_by(["0x02", entry], REDUCED)


def test_positions_count_only_where_the_header_comes_first() -> None:
    """A bridge that registers a schema of its own moves every field."""
    with pytest.raises(ForeignSchemaError):
        named_by(["0x02"], PaperShape(("Id", *REDUCED.names)))
    with pytest.raises(ForeignSchemaError):
        named_by(["0x02"], PaperShape(REDUCED.names[1:]))


def test_names_are_no_bitmaps() -> None:
    """No field's name looks like one."""
    assert [
        is_bitmap(each) for each in ("0x0C20", "12-0x02", "Name.FirstName", "0x", "x-0x1")
    ] == [
        True,
        True,
        False,
        False,
        False,
    ]
