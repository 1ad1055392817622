"""Export contact lists and DNC lists, and fetch the files."""

from connector.simulator.bulk import SELECTORS, selected
from connector.simulator.call import Answer, Call, answer, as_object
from connector.simulator.errors import no_such_thing, refuse
from connector.simulator.exports import contacts_file, entries_file
from connector.simulator.world import World


def export_contacts(world: World, call: Call) -> Answer:
    """Begin to write contacts to a file: all, or those that a body selects."""
    contacts = world.books.contact_list(call.parts["list"])
    wanted = as_object(call.optional_json() or {}, "The body")
    if any(wanted.get(name) is not None for name in SELECTORS):
        chosen = [contacts.contacts[one] for one in selected(contacts, wanted, call.at, SELECTORS)]
    else:
        chosen = list(contacts.contacts.values())
    return _begun(world, call, contacts.id, contacts_file(contacts, chosen))


def export_dnc_list(world: World, call: Call) -> Answer:
    """Begin to write the entries of a DNC list to a file."""
    dnc_list = world.books.dnc_list(call.parts["list"])
    return _begun(world, call, dnc_list.id, entries_file(dnc_list.entries))


def get_contacts_export(world: World, call: Call) -> Answer:
    """Read where the latest file of a contact list lies; 404 until it is written."""
    return _latest(world, call, world.books.contact_list(call.parts["list"]).id)


def get_dnc_export(world: World, call: Call) -> Answer:
    """Read where the latest file of a DNC list lies; 404 until it is written."""
    return _latest(world, call, world.books.dnc_list(call.parts["list"]).id)


def download(world: World, call: Call) -> Answer:
    """Fetch a file, as CSV; with `issueRedirect=false` only where it lies.

    The platform redirects to a signed address elsewhere; here it is the same place (ours).
    """
    found = world.exports.file(call.parts["file"], call.at)
    if found is None:
        raise no_such_thing(f"file {call.parts['file']}")
    if call.query.get("issueRedirect", "true").lower() == "false":
        return answer({"url": found.uri})
    return Answer(200, found.content, headers=(("Content-Type", "text/csv"),))


def _begun(world: World, call: Call, list_id: str, content: bytes) -> Answer:
    ready = call.at + world.books.behaviour.job_seconds
    made = world.exports.add(content, ready, list_id)
    return answer({"id": made.id, "selfUri": call.path})


def _latest(world: World, call: Call, list_id: str) -> Answer:
    call.flag("download")  # the address is answered either way: ours, `true` is not described
    found = world.exports.latest(list_id, call.at)
    if found is None:
        raise refuse(404, "no.available.list.export.uri", "There is no file of this list yet.")
    return answer(found.document())
