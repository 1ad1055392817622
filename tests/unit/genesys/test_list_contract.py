"""The contract of a contact list: which columns the settings name in vain."""

from connector.domain.ids import ListId
from connector.genesys.list_book import ContactList, ListBook, MissingColumn, missing_columns

A, B, C = ListId("a"), ListId("b"), ListId("c")
BOOK = ListBook(
    {
        A: ContactList(A, "Leads", ("CRM_Lead_ID", "FirstName", "Mobile"), {"Mobile": "cell"}),
        B: ContactList(B, "Others", ("crm_lead_id", "Mobile"), {"Mobile": "cell"}),
    }
)


def test_every_missing_column_is_named() -> None:
    """On every list at once, `CRM_Lead_ID` too, with the column that differs in case only."""
    wanted = ["FirstName", "mobile", "Score"]
    assert missing_columns(BOOK, {A: wanted, B: ["Mobile", "CRM_Lead_ID"], C: wanted}) == (
        MissingColumn(A, "mobile", "Mobile"),
        MissingColumn(A, "Score"),
        MissingColumn(B, "CRM_Lead_ID", "crm_lead_id"),
    )


def test_a_missing_column_says_where_it_is_missing() -> None:
    """A tired operator reads the list, the column, and what is there instead."""
    assert str(MissingColumn(A, "Score")) == "contact list a has no column Score"
    assert str(MissingColumn(A, "mobile", "Mobile")).endswith("; the list has Mobile")


def test_a_list_that_has_all_misses_nothing() -> None:
    """Nothing is said about lists that were not read."""
    assert missing_columns(BOOK, {A: ["Mobile", "FirstName"], C: ["Nothing"]}) == ()
    assert BOOK.columns(C) == ()
