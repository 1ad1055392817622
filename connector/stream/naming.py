"""Say what an operator calls each place of the platform: by the names of `[lists.NAME]`."""

from connector.domain.ids import ListId
from connector.settings.model import Settings
from connector.stream.watcher import Names


def names(settings: Settings) -> Names:
    """Return the names of contact lists and DNC lists, as log and health tell them."""
    told = {each.contact_list: name for name, each in settings.lists.items()}
    for dnc_list in settings.dnc_lists:
        of = [name for name, each in settings.lists.items() if each.dnc_list == dnc_list]
        told[dnc_list] = f"DNC list of {', '.join(of)}"
    return Names(told, settings.kafka.partitions)


def lists(settings: Settings) -> dict[ListId, str]:
    """Return the name of each contact list."""
    return {ListId(each.contact_list): name for name, each in settings.lists.items()}


def places(settings: Settings) -> dict[str, str]:
    """Return the list that each place belongs to, as metrics label it."""
    return {
        place: name
        for name, each in settings.lists.items()
        for place in (each.contact_list, each.dnc_list)
    }
