"""Keep the books: what a contact centre would hold."""

from dataclasses import dataclass, field

from connector.simulator.campaign import Campaign, seeded
from connector.simulator.contact import Contact
from connector.simulator.contact_list import LEAD_COLUMN, ContactList
from connector.simulator.dnc_list import DncList
from connector.simulator.errors import no_such_list, no_such_thing, refuse
from connector.simulator.limits import beyond
from connector.simulator.moments import timestamp
from connector.simulator.seed import Behaviour, Limits, Seed


@dataclass(slots=True)
class Books:
    """All contact lists, DNC lists and campaigns; `digits` are numbers seen, without the plus.

    The digits serve one purpose: to recognise a number in an address line.
    """

    contact_lists: dict[str, ContactList]
    dnc_lists: dict[str, DncList]
    campaigns: dict[str, Campaign]
    behaviour: Behaviour
    limits: Limits
    digits: set[str] = field(default_factory=set)

    def contact_list(self, list_id: str) -> ContactList:
        """Return a contact list; raises `Refused` (404)."""
        found = self.contact_lists.get(list_id)
        if found is None:
            raise no_such_list(list_id)
        return found

    def dnc_list(self, list_id: str) -> DncList:
        """Return a DNC list; raises `Refused` (404)."""
        found = self.dnc_lists.get(list_id)
        if found is None:
            raise refuse(404, "dnc.list.not.found", f"No DNC list {list_id}.")
        return found

    def campaign(self, campaign_id: str, code: str = "resource.not.found") -> Campaign:
        """Return a campaign; raises `Refused` (404) with the code of the path that asks."""
        found = self.campaigns.get(campaign_id)
        if found is None:
            raise refuse(404, code, f"No campaign {campaign_id}.")
        return found

    def contact(self, list_id: str, contact_id: str) -> Contact:
        """Return a contact; raises `Refused` (404)."""
        found = self.contact_list(list_id).contacts.get(contact_id)
        if found is None:
            raise no_such_thing(f"contact {contact_id} on list {list_id}")
        return found

    def room_for(self, contacts: ContactList, more: int) -> None:
        """Raise `Refused` (400) where new contacts are more than the list or the org may hold.

        No code is documented for a full list; it is refused with the one for the organisation,
        and `limit` tells which of the two it was.
        """
        if not more:
            return
        limits = self.limits
        held = sum(len(one.contacts) for one in self.contact_lists.values())
        if len(contacts.contacts) + more > limits.contacts_per_list:
            raise beyond("contacts.per.org.limit.exceeded", "contacts_per_list", limits)
        if held + more > limits.contacts_per_org:
            raise beyond("contacts.per.org.limit.exceeded", "contacts_per_org", limits)

    def room_for_entries(self, dnc_list: DncList, more: int) -> None:
        """Raise `Refused` (400) where new entries are more than a DNC list or the org may hold."""
        if not more:
            return
        limits = self.limits
        held = sum(len(one.entries) for one in self.dnc_lists.values())
        if len(dnc_list.entries) + more > limits.dnc_records_per_list:
            raise beyond("dnc.records.per.list.limit.exceeded", "dnc_records_per_list", limits)
        if held + more > limits.dnc_records_per_org:
            raise beyond(
                "dnc.records.per.organization.limit.exceeded", "dnc_records_per_org", limits
            )

    def put(self, contacts: ContactList, contact: Contact) -> None:
        """Put a new contact on its list."""
        contacts.put(contact)
        self._see_numbers(contacts, contact)

    def rewrite(self, contacts: ContactList, contact: Contact, data: dict[str, str]) -> None:
        """Give a contact of a list new values."""
        contacts.rewrite(contact, data)
        self._see_numbers(contacts, contact)

    def _see_numbers(self, contacts: ContactList, contact: Contact) -> None:
        for column in contacts.phone_columns:
            if number := contact.data[column]:
                self.digits.add(number.lstrip("+"))


def open_books(seed: Seed, now: float) -> Books:
    """Return the books as a seed describes them, without a contact or a number."""
    at = timestamp(now)
    lists = {
        one.id: ContactList(
            one.id,
            one.name,
            one.columns,
            one.phone_columns,
            at,
            at,
            zones=one.callable_time_columns,
            automatic_zones=one.automatic_time_zone_mapping,
        )
        for one in seed.contact_lists
    }
    dnc_lists = {
        one.id: DncList(
            one.id, one.name, one.source, one.contact_method, at, one.custom_exclusion_column
        )
        for one in seed.dnc_lists
    }
    campaigns = {one.id: seeded(one, lists[one.contact_list], at) for one in seed.campaigns}
    return Books(lists, dnc_lists, campaigns, seed.behaviour, seed.limits)


def lead_of(contact: Contact) -> str | None:
    """Return the lead that a contact carries, by its `CRM_Lead_ID`."""
    return contact.data.get(LEAD_COLUMN) or None
