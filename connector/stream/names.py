"""Hold what an operator calls the places of the platform: their names in the settings."""

from collections.abc import Mapping
from dataclasses import dataclass

from connector.domain.ids import ListId
from connector.settings.model import Settings


@dataclass(frozen=True, slots=True)
class Names:
    """What the settings say: the name of each list by the platform's id, and our partitions."""

    places: Mapping[str, str]
    partitions: int

    def of(self, scope: str) -> str:
        """Return what an operator calls *scope*: the name in the settings, or `all`."""
        return self.places.get(scope, scope)


def names_of(settings: Settings) -> Names:
    """Return what an operator calls each place of the platform."""
    names = {each.contact_list: name for name, each in settings.lists.items()}
    for dnc_list in settings.dnc_lists:
        of = [name for name, each in settings.lists.items() if each.dnc_list == dnc_list]
        names[dnc_list] = f"DNC list of {', '.join(of)}"
    return Names(names, settings.kafka.partitions)


def list_names(settings: Settings) -> dict[ListId, str]:
    """Return the settings' name of each contact list."""
    return {ListId(each.contact_list): name for name, each in settings.lists.items()}


def label_names(settings: Settings) -> dict[str, str]:
    """Return the settings' name of each contact list and of each DNC list, for labels."""
    return {
        place: name
        for name, each in settings.lists.items()
        for place in (each.contact_list, each.dnc_list)
    }
