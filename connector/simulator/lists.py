"""List, read and change contact lists: genesys-api section 5."""

from connector.simulator.call import Answer, Call, answer, as_object
from connector.simulator.errors import refuse
from connector.simulator.listing import lets_through, listing
from connector.simulator.moments import timestamp
from connector.simulator.world import World

# What cannot be changed after creation, with the code that says so.
_FIXED = {
    "columnNames": "cannot.update.contact.column.names",
    "phoneColumns": "cannot.update.phone.columns",
}

_NAME_LENGTH = 64  # SPEC26 name.length.exceeded


def list_contact_lists(world: World, call: Call) -> Answer:
    """List contact lists, filtered by id, name and division."""
    size, status = call.flag("includeSize"), call.flag("includeImportStatus")
    documents = [
        one.document(size=size, import_status=status) for one in world.books.contact_lists.values()
    ]
    return listing(call, [one for one in documents if lets_through(call, one)])


def get_contact_list(world: World, call: Call) -> Answer:
    """Read one contact list; size and import status only where they are asked for."""
    found = world.books.contact_list(call.parts["list"])
    size, status = call.flag("includeSize"), call.flag("includeImportStatus")
    return answer(found.document(size=size, import_status=status))


def put_contact_list(world: World, call: Call) -> Answer:
    """Change the name of a contact list; its columns are fixed, its version must be the latest."""
    found = world.books.contact_list(call.parts["list"])
    wanted = as_object(call.json(), "The body")
    if wanted.get("version") != found.version:
        raise refuse(409, "invalid.update.wrong.version", f"The version is {found.version}.")
    now = found.document()
    for fixed, code in _FIXED.items():
        if wanted.get(fixed) != now[fixed]:
            raise refuse(400, code, f"{fixed} of a contact list cannot be changed.")
    name = wanted.get("name")
    if not isinstance(name, str) or not name:
        raise refuse(400, "name.cannot.be.blank", "A contact list has a name.")
    if len(name) > _NAME_LENGTH:
        raise refuse(400, "name.length.exceeded", f"A name has at most {_NAME_LENGTH} characters.")
    found.name = name
    found.version += 1
    found.modified = timestamp(call.at)
    return answer(found.document())


def get_import_status(world: World, call: Call) -> Answer:
    """Read the import status of a contact list."""
    return answer(world.books.contact_list(call.parts["list"]).import_status())
