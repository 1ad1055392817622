"""Add, read, replace and delete contacts: genesys-api sections 6.2 to 6.4."""

import uuid
from dataclasses import dataclass

from connector.simulator.admission import Written, admit, check_id
from connector.simulator.call import Answer, Call, answer, as_array
from connector.simulator.contact import Contact
from connector.simulator.contact_list import ContactList
from connector.simulator.errors import no_such_thing, refuse
from connector.simulator.moments import timestamp
from connector.simulator.world import World

MOST_ADDED = 1000  # SPEC26 too.many.contacts.added
MOST_DELETED = 250  # the same code, other text
MOST_FETCHED = 50  # SPEC26 too.many.contacts.requested


@dataclass(frozen=True, slots=True)
class _Flags:
    """The query parameters of an addition; absent counts as false by their texts."""

    priority: bool = False
    clear: bool = False


def add_contacts(world: World, call: Call) -> Answer:
    """Add contacts or replace those with the same id; nothing is applied if one is refused."""
    contacts = world.books.contact_list(call.parts["list"])
    entries = as_array(call.json(), "The body")
    if len(entries) > MOST_ADDED:
        raise refuse(400, "too.many.contacts.added", f"At most {MOST_ADDED} contacts a request.")
    call.flag("doNotQueue")  # where a contact stands in the queue is not part of the books
    flags = _Flags(call.flag("priority"), call.flag("clearSystemData"))
    world.jobs.refuse_if_clearing(contacts.id)
    written = [admit(entry, contacts) for entry in entries]
    fresh = [one.id for one in written if one.id is None or one.id not in contacts.contacts]
    world.books.room_for(contacts, len({one for one in fresh if one}) + fresh.count(None))
    world.in_flight(call, contacts, [one.id for one in written if one.id is not None])
    if call.partial:
        written = written[: len(written) // 2]
    quarantined: list[tuple[str, str]] = []
    documents: list[dict[str, object]] = []
    for one in written:
        contact, uncallable = _upsert(world, call, contacts, one, flags)
        documents.append(contact.document(contacts.id))
        if uncallable:
            quarantined.append((contacts.id, contact.id))
    done = answer(documents)
    done.quarantined = tuple(quarantined)
    return done


def get_contact(world: World, call: Call) -> Answer:
    """Read one contact."""
    list_id = call.parts["list"]
    return answer(world.books.contact(list_id, call.parts["contact"]).document(list_id))


def put_contact(world: World, call: Call) -> Answer:
    """Replace one contact; no query parameters, no version."""
    contacts = world.books.contact_list(call.parts["list"])
    contact_id = check_id(call.parts["contact"])
    world.jobs.refuse_if_clearing(contacts.id)
    written = admit(call.json(), contacts)
    if written.id not in {None, contact_id}:
        raise refuse(400, "invalid.update", "The id of the body is not the id of the path.")
    world.in_flight(call, contacts, [contact_id])
    contact = contacts.contacts.get(contact_id)
    if contact is None:
        if world.books.behaviour.put_unknown_contact == "contact.does.not.exist":
            raise refuse(400, "contact.does.not.exist", f"No contact {contact_id}.")
        raise no_such_thing(f"contact {contact_id} on list {contacts.id}")
    uncallable = _rewrite(world, call, contacts, contact, written)
    done = answer(contact.document(contacts.id))
    done.quarantined = ((contacts.id, contact_id),) if uncallable else ()
    return done


def delete_contact(world: World, call: Call) -> Answer:
    """Delete one contact."""
    contacts = world.books.contact_list(call.parts["list"])
    contact_id = call.parts["contact"]
    world.in_flight(call, contacts, [contact_id])
    if not contacts.remove(contact_id):
        raise refuse(404, "contact.not.found", f"No contact {contact_id} on list {contacts.id}.")
    return Answer(200)


def delete_contacts(world: World, call: Call) -> Answer:
    """Delete many contacts; those that are not there are passed over."""
    contacts = world.books.contact_list(call.parts["list"])
    ids = [one for one in call.query.get("contactIds", "").split(",") if one]
    if not ids:
        raise refuse(400, "no.contacts.specified", "contactIds names no contact.")
    if len(ids) > MOST_DELETED:
        raise refuse(400, "too.many.contacts.added", f"At most {MOST_DELETED} contacts a request.")
    ids = [check_id(one) for one in ids]
    world.in_flight(call, contacts, ids)
    for contact_id in ids[: len(ids) // 2] if call.partial else ids:
        contacts.remove(contact_id)
    return Answer(200)


def fetch_contacts(world: World, call: Call) -> Answer:
    """Read many contacts by id; those that are not there are left out."""
    contacts = world.books.contact_list(call.parts["list"])
    ids = as_array(call.json(), "The body")
    if len(ids) > MOST_FETCHED:
        raise refuse(
            400, "too.many.contacts.requested", f"At most {MOST_FETCHED} contacts a request."
        )
    if not all(isinstance(one, str) for one in ids):
        raise refuse(400, "invalid.value", "A contact id is text.")
    found = (contacts.contacts.get(str(one)) for one in ids)
    return answer([one.document(contacts.id) for one in found if one is not None])


def _upsert(
    world: World, call: Call, contacts: ContactList, written: Written, flags: _Flags
) -> tuple[Contact, bool]:
    contact = contacts.contacts.get(written.id) if written.id is not None else None
    if contact is None:
        contact = Contact(
            id=written.id or str(uuid.uuid4()),
            data=written.data,
            created=timestamp(call.at),
            phone_status=written.phone_status or contacts.fresh_phones,
            contactable=written.contactable or contacts.fresh_media,
            callable=written.callable is not False,
            priority=flags.priority,
        )
        if written.id is None:
            world.before_write(contacts, [contact.id], call.at)
        world.books.put(contacts, contact)
        return contact, world.written(call, contacts, contact, before=None)
    before = contact.callable
    if flags.clear:
        contact.callable = True
        contact.call_records = {}
        contact.phone_status = contacts.fresh_phones
        contact.contactable = contacts.fresh_media
    contact.priority = flags.priority
    return contact, _rewrite(world, call, contacts, contact, written, before=before)


def _rewrite(
    world: World,
    call: Call,
    contacts: ContactList,
    contact: Contact,
    written: Written,
    *,
    before: bool | None = None,
) -> bool:
    """Give a contact a new row; return whether that made it uncallable."""
    if before is None:
        before = contact.callable
    if written.callable is not None:
        contact.callable = written.callable
    elif world.books.behaviour.omitted_callable == "true":
        contact.callable = True
    if written.phone_status is not None:
        contact.phone_status = written.phone_status
    if written.contactable is not None:
        contact.contactable = written.contactable
    world.books.rewrite(contacts, contact, written.data)
    return world.written(call, contacts, contact, before=before)
