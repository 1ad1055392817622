"""List DNC lists, and change their entries: genesys-api section 7."""

from connector.simulator import dnc_entries
from connector.simulator.call import Answer, Call, answer
from connector.simulator.dnc_entries import CUSTOM, EMAIL, PHONE, WHATS_APP
from connector.simulator.listing import lets_through, listing
from connector.simulator.world import World


def list_dnc_lists(world: World, call: Call) -> Answer:
    """List DNC lists; by source, else filtered as every listing is."""
    size, status = call.flag("includeSize"), call.flag("includeImportStatus")
    source = call.query.get("dncSourceType")
    documents = [
        one.document(size=size, import_status=status)
        for one in world.books.dnc_lists.values()
        if source is None or one.source == source.lower()
    ]
    return listing(call, [one for one in documents if lets_through(call, one)])


def get_dnc_list(world: World, call: Call) -> Answer:
    """Read one DNC list; size and import status only where they are asked for."""
    found = world.books.dnc_list(call.parts["list"])
    size, status = call.flag("includeSize"), call.flag("includeImportStatus")
    return answer(found.document(size=size, import_status=status))


def get_import_status(world: World, call: Call) -> Answer:
    """Read the import status of a DNC list."""
    return answer(world.books.dnc_list(call.parts["list"]).import_status())


def add_numbers(world: World, call: Call) -> Answer:
    """Add numbers; again is not an error, and the last expiration wins."""
    return dnc_entries.add(world, call, PHONE)


def patch_numbers(world: World, call: Call) -> Answer:
    """Add or remove at most 250 numbers; a removal is held against the client."""
    return dnc_entries.patch(world, call, PHONE)


def delete_numbers(world: World, call: Call) -> Answer:
    """Remove all numbers, or all that have expired; held against the client."""
    return dnc_entries.delete(world, call, PHONE)


def add_emails(world: World, call: Call) -> Answer:
    """Add e-mail addresses to a list of them."""
    return dnc_entries.add(world, call, EMAIL)


def patch_emails(world: World, call: Call) -> Answer:
    """Add or remove e-mail addresses; a removal is held against the client."""
    return dnc_entries.patch(world, call, EMAIL)


def delete_emails(world: World, call: Call) -> Answer:
    """Remove all e-mail addresses, or the expired ones; held against the client."""
    return dnc_entries.delete(world, call, EMAIL)


def patch_whats_app(world: World, call: Call) -> Answer:
    """Add or remove WhatsApp numbers; a removal is held against the client."""
    return dnc_entries.patch(world, call, WHATS_APP)


def delete_whats_app(world: World, call: Call) -> Answer:
    """Remove all WhatsApp numbers, or the expired ones; held against the client."""
    return dnc_entries.delete(world, call, WHATS_APP)


def patch_custom(world: World, call: Call) -> Answer:
    """Add or remove values of the column that a custom list excludes by."""
    return dnc_entries.patch(world, call, CUSTOM)


def delete_custom(world: World, call: Call) -> Answer:
    """Remove all values of a custom list, or the expired ones; held against the client."""
    return dnc_entries.delete(world, call, CUSTOM)
