"""Compare what the outcomes say with what the platform's own books say, line by line."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

WRITES = ("inserted", "updated", "quarantined")
"""Actions of effects that leave a row on a contact list."""


Effect: TypeAlias = tuple[str, str, str | None]
"""Place, action, contact id."""
Place: TypeAlias = tuple[str, str | None]
"""List and contact id."""
Thing = TypeVar("Thing", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Told:
    """One outcome, as much of it as the proof needs."""

    outcome_id: str
    lead: str | None
    change: str | None
    verdict: str
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact in the books."""

    list_id: str
    id: str
    lead: str
    callable: bool


@dataclass(frozen=True, slots=True)
class Books:
    """What the simulator wrote down by itself.

    `loaded` are ids of the contacts that another loader made, `rows_written` counts rows in
    accepted requests, `blocked` names the leads all of whose numbers are on every DNC list.
    """

    contacts: Sequence[Contact]
    loaded: frozenset[str]
    rows_written: int
    blocked: frozenset[str | None]
    violations: int


@dataclass(frozen=True, slots=True)
class Sent:
    """What was written to Kafka: how many records, and how many of them were repeats."""

    records: int
    repeats: int
    dead_letters: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the proof: `outcomes` is what the connector says, `books` what is so.

    They may count the same and yet disagree: `agree` compares the things, not their number.
    """

    what: str
    outcomes: int
    books: int
    agree: bool


def proof(sent: Sent, told: Sequence[Told], books: Books) -> tuple[Line, ...]:
    """Compare outcomes with books; *told* holds one outcome for each id, a lead's in order."""
    verdicts = Counter(each.verdict for each in told)
    effects = [effect for each in told for effect in each.effects]
    inserted = {(place, contact) for place, action, contact in effects if action == "inserted"}
    ours = {_of(contact) for contact in books.contacts if contact.id not in books.loaded}
    callable_, quarantined = _held(effects)
    there = {_of(each): each.callable for each in books.contacts}
    touched = {place: open_ for place, open_ in there.items() if place in callable_ | quarantined}
    open_, shut = _places(touched, callable_=True), _places(touched, callable_=False)
    out = frozenset(each.lead for each in told if each.change == "opt_out")
    return (
        _count("records sent, and their outcomes", verdicts.total(), sent.records),
        _count("repeats recognised", verdicts["duplicate"], sent.repeats),
        _count("records refused, and dead letters", verdicts["rejected"], sent.dead_letters),
        _same("contacts inserted", inserted, ours),
        _count("rows written to contact lists", _rows(effects), books.rows_written),
        _same("contacts left callable", callable_, open_),
        _same("contacts quarantined", quarantined, shut),
        _same("leads whose numbers are blocked", _blocked(told), books.blocked),
        _count("opted-out leads that may be called", 0, _callable_leads(books.contacts, out)),
        _count("rules of the platform broken", 0, books.violations),
    )


def _count(what: str, outcomes: int, books: int) -> Line:
    return Line(what, outcomes, books, outcomes == books)


def _same(what: str, outcomes: AbstractSet[Thing], books: AbstractSet[Thing]) -> Line:
    return Line(what, len(outcomes), len(books), outcomes == books)


def _of(contact: Contact) -> Place:
    return contact.list_id, contact.id


def _places(contacts: Mapping[Place, bool], *, callable_: bool) -> set[Place]:
    return {place for place, open_ in contacts.items() if open_ is callable_}


def _rows(effects: Iterable[Effect]) -> int:
    return sum(action in WRITES for _, action, _ in effects)


def _held(effects: Iterable[Effect]) -> tuple[set[Place], set[Place]]:
    """Fold effects: contacts that may be called by the last thing done to them, and the rest."""
    last = {(place, contact): action for place, action, contact in effects if action in WRITES}
    quarantined = {each for each, action in last.items() if action == "quarantined"}
    return last.keys() - quarantined, quarantined


def _blocked(told: Iterable[Told]) -> set[str | None]:
    return {
        each.lead
        for each in told
        if any(action == "numbers_blocked" for _, action, _ in each.effects)
    }


def _callable_leads(contacts: Iterable[Contact], out: frozenset[str | None]) -> int:
    return len({contact.lead for contact in contacts if contact.callable and contact.lead in out})
