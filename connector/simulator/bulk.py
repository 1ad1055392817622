"""Change or remove many contacts by one job, and clear a list: genesys-api sections 5 and 6.6."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from connector.simulator.admission import patched_cells, patched_status
from connector.simulator.call import Answer, Call, answer, as_array, as_object
from connector.simulator.contact import Contact
from connector.simulator.contact_list import ContactList
from connector.simulator.errors import no_such_thing, refuse
from connector.simulator.exports import contacts_file
from connector.simulator.filters import invalid
from connector.simulator.jobs import Job, JobKind
from connector.simulator.search import matching
from connector.simulator.world import World

SELECTORS = ("contactListFilterId", "criteria", "contactIds")
_DIALLING = frozenset({"on", "stopping"})


@dataclass(frozen=True, slots=True)
class _Work:
    """What a job does: `change` alters one contact and tells whether that made it uncallable."""

    kind: JobKind
    chosen: list[str]
    change: Callable[[Contact], bool]
    backup: bool


def update_contacts(world: World, call: Call) -> Answer:
    """Begin a job that gives every selected contact the same values; the rest stays."""
    contacts = world.books.contact_list(call.parts["list"])
    wanted = as_object(call.json(), "The body")
    patch = as_object(wanted.get("contact"), "contact")
    cells = patched_cells(patch.get("data"), contacts)
    callable_ = patch.get("callable")
    if callable_ is not None and not isinstance(callable_, bool):
        raise refuse(400, "invalid.value", "callable must be true or false.")
    statuses = {
        name: patched_status(patch.get(name), name)
        for name in ("phoneNumberStatus", "contactableStatus")
    }
    if not cells and callable_ is None and not any(statuses.values()):
        raise refuse(400, "invalid.update", "contact names nothing to change.")
    chosen = selected(contacts, wanted, call.at, SELECTORS)

    def edit(contact: Contact) -> bool:
        before = contact.callable
        if callable_ is not None:
            contact.callable = callable_
        contact.phone_status = {**contact.phone_status, **statuses["phoneNumberStatus"]}
        contact.contactable = {**contact.contactable, **statuses["contactableStatus"]}
        world.books.rewrite(contacts, contact, {**contact.data, **cells})
        return world.written(call, contacts, contact, before=before)

    return _begin(world, call, contacts, _Work("BulkEdit", chosen, edit, _backup(wanted)))


def remove_contacts(world: World, call: Call) -> Answer:
    """Begin a job that deletes every selected contact."""
    contacts = world.books.contact_list(call.parts["list"])
    wanted = as_object(call.json(), "The body")
    chosen = selected(contacts, wanted, call.at, SELECTORS[:2])

    def remove(contact: Contact) -> bool:
        contacts.remove(contact.id)
        return False

    return _begin(world, call, contacts, _Work("BulkDelete", chosen, remove, _backup(wanted)))


def list_jobs(world: World, call: Call) -> Answer:
    """List the ten latest jobs of a list, the newest first."""
    contacts = world.books.contact_list(call.parts["list"])
    jobs = world.jobs.of_list(contacts.id)
    return answer(
        {
            "entities": [one.document(call.at) for one in jobs],
            "total": len(jobs),
            "selfUri": call.path,
        }
    )


def get_job(world: World, call: Call) -> Answer:
    """Read one job; the ten latest of a list are known."""
    contacts = world.books.contact_list(call.parts["list"])
    for job in world.jobs.of_list(contacts.id):
        if job.id == call.parts["job"]:
            return answer(job.document(call.at))
    raise no_such_thing(f"job {call.parts['job']} on list {contacts.id}")


def clear_list(world: World, call: Call) -> Answer:
    """Begin to delete all contacts of a list; refused while a campaign dials it."""
    contacts = world.books.contact_list(call.parts["list"])
    if any(
        one.contact_list == contacts.id and one.status in _DIALLING
        for one in world.books.campaigns.values()
    ):
        raise refuse(
            400, "contact.list.is.on.running.campaign", "A campaign dials this contact list."
        )

    def clear() -> None:
        for contact_id in list(contacts.contacts):
            contacts.remove(contact_id)

    due = call.at + world.books.behaviour.clear_seconds
    total = len(contacts.contacts)
    job = Job(str(uuid.uuid4()), contacts.id, "Clear", total, call.at, due, clear)
    world.jobs.begin(job)
    world.jobs.settle(call.at)
    return Answer(204)


def _begin(world: World, call: Call, contacts: ContactList, work: _Work) -> Answer:
    def act() -> None:
        world.before_write(contacts, work.chosen, job.due)
        found = (contacts.contacts.get(one) for one in work.chosen)
        quarantined = [
            (contacts.id, one.id) for one in found if one is not None and work.change(one)
        ]
        if quarantined:
            world.enable_again(call, quarantined)

    due = call.at + world.books.behaviour.job_seconds
    total = len(work.chosen)
    job = Job(str(uuid.uuid4()), contacts.id, work.kind, total, call.at, due, act)
    world.jobs.begin(job)
    if work.backup:
        backup = contacts_file(contacts, contacts.contacts.values())
        job.backup = world.exports.add(backup, call.at).uri
    world.in_flight(call, contacts, work.chosen)
    world.jobs.settle(call.at)
    return answer(job.document(call.at), 202)


def selected(
    contacts: ContactList, wanted: dict[str, object], now: float, selectors: tuple[str, ...]
) -> list[str]:
    """Return the ids of what a job is for; raises `Refused` where that is not said once."""
    given = [name for name in selectors if wanted.get(name) is not None]
    if len(given) != 1:
        raise invalid(f"A job needs one of {', '.join(selectors)}.")
    if given[0] == "contactListFilterId":
        raise invalid("There is no such contact list filter.")
    if given[0] == "criteria":
        return [
            one.id
            for one in matching(contacts, wanted["criteria"], now)
            if one.id in contacts.contacts
        ]
    ids = as_array(wanted["contactIds"], "contactIds")
    if not all(isinstance(one, str) for one in ids):
        raise refuse(400, "invalid.value", "A contact id is text.")
    return [one for one in dict.fromkeys(map(str, ids)) if one in contacts.contacts]


def _backup(wanted: dict[str, object]) -> bool:
    """Return whether a job first exports the list; `generateDownloadURI` is true where absent."""
    return wanted.get("generateDownloadURI") is not False
