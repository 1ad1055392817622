"""Hold everything that a reset replaces."""

from collections.abc import Sequence
from dataclasses import dataclass

from connector.simulator.books import Books, lead_of, open_books
from connector.simulator.call import Call
from connector.simulator.conduct import Conduct
from connector.simulator.contact import Contact
from connector.simulator.contact_list import ContactList
from connector.simulator.exports import Exports
from connector.simulator.fault_spec import FaultAction
from connector.simulator.faults import Faults, Latency
from connector.simulator.flights import Flights
from connector.simulator.jobs import Jobs
from connector.simulator.journal import Journal
from connector.simulator.moments import Clock
from connector.simulator.opt_outs import OptOuts
from connector.simulator.quota import Quota
from connector.simulator.seed import Seed
from connector.simulator.tokens import Tokens
from connector.simulator.violations import ViolationKind, Violations


@dataclass(slots=True)
class World:
    """The books, what was seen, and what is to go wrong."""

    clock: Clock
    flights: Flights
    books: Books
    tokens: Tokens
    quota: Quota
    conduct: Conduct
    opt_outs: OptOuts
    faults: Faults
    latency: Latency
    journal: Journal
    violations: Violations
    jobs: Jobs
    exports: Exports

    def hold_against(self, call: Call, kind: ViolationKind, detail: str) -> None:
        """Write down a violation of a request."""
        self.violations.record(call.n, kind, detail)

    def written(
        self, call: Call, contacts: ContactList, contact: Contact, *, before: bool | None
    ) -> bool:
        """Judge a client's write of a contact; return whether it made the contact uncallable.

        `before` is what `callable` was, None where there was no such contact.
        """
        if not contact.callable:
            if before is False:
                return False
            if (lead := lead_of(contact)) is not None:
                self.opt_outs.made_uncallable(lead, call.flight)
            return True
        disabled = contact.disabled_by_other
        if self.opt_outs.quiet and disabled is None:
            return False
        lead = lead_of(contact)
        where = f"contact {contact.id} of list {contacts.id}"
        contact.disabled_by_other = None
        if disabled is not None and disabled < call.flight.begun:
            self.hold_against(call, ViolationKind.RE_ENABLED, where)
        if lead is not None and self.opt_outs.opted_out(
            lead, contacts.numbers(contact), call.flight
        ):
            self.hold_against(call, ViolationKind.CALLABLE_AFTER_OPT_OUT, f"lead {lead}: {where}")
        return False

    def before_write(self, contacts: ContactList, ids: Sequence[str], now: float) -> None:
        """Keep what a search still sees of contacts that are about to be written."""
        lag = self.books.behaviour.search_lag_seconds
        if lag:
            contacts.hide(ids, now, now + lag)

    def enable_again(
        self, call: Call, quarantined: Sequence[tuple[str, str]]
    ) -> FaultAction | None:
        """Play the fault of somebody who makes contacts callable right after a quarantine."""
        action = self.faults.after(call)
        if action is not None:
            for list_id, contact_id in quarantined:
                self.books.contact(list_id, contact_id).callable = True
        return action

    def in_flight(self, call: Call, contacts: ContactList, ids: list[str]) -> None:
        """Note which contacts a request writes, and whether others write them too just now."""
        self.before_write(contacts, ids, call.at)
        for _, contact_id in self.flights.write(
            call.flight, ((contacts.id, contact_id) for contact_id in ids)
        ):
            self.hold_against(
                call,
                ViolationKind.OVERLAPPING_WRITES,
                f"contact {contact_id} of list {contacts.id}",
            )


def open_world(seed: Seed, clock: Clock, flights: Flights, tokens: Tokens | None = None) -> World:
    """Return the world of a seed; tokens of clients that stay as they were stay valid."""
    return World(
        clock=clock,
        flights=flights,
        books=open_books(seed, clock()),
        tokens=Tokens(seed.clients, tokens, seed.behaviour.refused_login),
        quota=Quota(seed.clients, seed.behaviour),
        conduct=Conduct(),
        opt_outs=OptOuts(),
        faults=Faults(seed.faults),
        latency=Latency(seed.latency),
        journal=Journal(),
        violations=Violations(),
        jobs=Jobs(),
        exports=Exports(),
    )
