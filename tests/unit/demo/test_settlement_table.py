"""The proof at the end of the demo."""

from dataclasses import replace

import pytest

from connector.demo.settlement_table import Books, Contact, Sent, Told, proof

LIST, OTHER, DNC = "list-1", "list-2", "dnc-1"
TOLD = (
    Told("t/0/0", "a", "upsert", "applied", ((LIST, "inserted", "a"),)),
    Told("t/0/1", "b", "upsert", "applied", ((LIST, "inserted", "b"), (OTHER, "inserted", "b"))),
    Told(
        "t/0/2",
        "b",
        "opt_out",
        "applied",
        (
            (DNC, "numbers_blocked", None),
            (LIST, "quarantined", "b"),
            (OTHER, "quarantined", "b"),
            (LIST, "verified", "b"),
        ),
    ),
    Told("t/0/3", "b", "upsert", "suppressed"),
    Told("t/0/4", "a", "upsert", "duplicate"),
    Told("t/0/5", None, None, "rejected"),
    Told("t/0/6", "c", "upsert", "applied", ((LIST, "updated", "theirs"),)),
    Told("t/0/7", "a", "quarantine", "applied", ((LIST, "quarantined", "a"),)),
    Told("t/0/8", "a", "upsert", "applied", ((LIST, "updated", "a"),)),
)
BOOKS = Books(
    contacts=(
        Contact(LIST, "a", "a", callable=True),
        Contact(LIST, "b", "b", callable=False),
        Contact(OTHER, "b", "b", callable=False),
        Contact(LIST, "theirs", "c", callable=True),
        Contact(LIST, "untouched", "d", callable=False),
    ),
    loaded=frozenset({"theirs", "untouched"}),
    rows_written=8,
    blocked=frozenset({"b"}),
    violations=0,
)
SENT = Sent(records=9, repeats=1, dead_letters=1)


def _disagreeing(sent: Sent, told: tuple[Told, ...], books: Books) -> list[str]:
    return [line.what for line in proof(sent, told, books) if not line.agree]


def test_what_is_told_truly_agrees() -> None:
    """Each line has the same on both sides."""
    assert _disagreeing(SENT, TOLD, BOOKS) == []
    assert all(line.outcomes == line.books for line in proof(SENT, TOLD, BOOKS))


def _contacts_but(index: int, contact: Contact | None) -> Books:
    kept = [*BOOKS.contacts]
    kept[index : index + 1] = [] if contact is None else [contact]
    return replace(BOOKS, contacts=tuple(kept))


@pytest.mark.parametrize(
    ("books", "line"),
    [
        (_contacts_but(1, Contact(LIST, "b", "b", callable=True)), "opted-out leads that may be"),
        (_contacts_but(1, Contact(LIST, "b", "b", callable=True)), "contacts quarantined"),
        (_contacts_but(0, Contact(LIST, "a", "a", callable=False)), "contacts left callable"),
        (_contacts_but(0, None), "contacts inserted"),
        (_contacts_but(0, Contact(LIST, "z", "z", callable=True)), "contacts inserted"),
        (replace(BOOKS, blocked=frozenset()), "leads whose numbers are blocked"),
        (replace(BOOKS, blocked=frozenset({"c"})), "leads whose numbers are blocked"),
        (replace(BOOKS, rows_written=9), "rows written"),
        (replace(BOOKS, violations=1), "rules of the platform broken"),
    ],
)
def test_books_that_say_otherwise_disagree(books: Books, line: str) -> None:
    """Things are compared, not only counted: another contact for the right one is seen."""
    assert any(what.startswith(line) for what in _disagreeing(SENT, TOLD, books))


@pytest.mark.parametrize(
    ("sent", "line"),
    [
        (replace(SENT, records=10), "records sent"),
        (replace(SENT, repeats=2), "repeats"),
        (replace(SENT, dead_letters=0), "records refused"),
    ],
)
def test_records_that_are_missing_disagree(sent: Sent, line: str) -> None:
    """A record without outcome, repeat or dead letter is seen."""
    (what,) = _disagreeing(sent, TOLD, BOOKS)
    assert what.startswith(line)
