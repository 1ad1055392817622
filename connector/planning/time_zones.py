"""Say whether the dialler would pick a contact at all, as far as its time zone goes."""

from connector.domain.reason import Reason
from connector.planning.contact_row import Cells
from connector.planning.policy import ListPolicy, Policy
from connector.planning.targets import Held, Wanted


def zone_reason(wanted: Wanted, policy: Policy) -> Reason | None:
    """Return why what the lists hold will not be called, None where nothing is wrong with it.

    The dialler passes over a number whose time zone it cannot read, and tells nobody. The cell is
    written as it is: whoever mends the source mends the contact.
    """
    for list_id, target in wanted.items():
        each = policy.lists[list_id]
        if (
            each.time_zones
            and isinstance(target, Held)
            and _unreadable(target.cells, each, policy)
        ):
            return Reason.TIME_ZONE_INVALID
    return None


def _unreadable(cells: Cells, each: ListPolicy, policy: Policy) -> bool:
    """Judge what the change names: a cell that stays as it was is whoever's who wrote it."""
    return any(
        zone in cells and cells[zone] not in policy.zones and cells.get(phone) != ""
        for phone, zone in each.time_zones.items()
    )
