"""Check that the OAuth client may do what the settings need, and nothing more is asked of it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from connector.genesys.call import Call
from connector.genesys.exchange import Exchange
from connector.genesys.permissions import PERMISSIONS, Permitted, Standing, ask_permission
from connector.ops.finding import Finding, bad, doubtful, well
from connector.settings.lists import ContactList
from connector.settings.model import Settings

ALWAYS = (Call.BULK_READ, Call.POST_CONTACTS, Call.PUT_CONTACT)
"""What every contact list takes: contacts read before an update, written, and quarantined."""


@dataclass(frozen=True, slots=True)
class Need:
    """A call that the settings make necessary: at which place, by which setting, and what to set
    instead to do without it.
    """

    call: Call
    place: str
    setting: str
    instead: str | None = None


def needs(settings: Settings) -> tuple[Need, ...]:
    """Return each call that is needed somewhere, once for each place."""
    found: dict[tuple[Call, str], Need] = {}
    for name, entry in settings.lists.items():
        for each in _of_list(f"lists.{name}", entry):
            found.setdefault((each.call, each.place), each)
    return tuple(found.values())


def _of_list(at: str, entry: ContactList) -> Iterable[Need]:
    for call in ALWAYS:
        yield Need(call, entry.contact_list, f"{at}.contact_list")
    for key, removal in (("delete", entry.delete), ("leave", entry.leave)):
        if removal == "remove":
            instead = f'set {key} = "quarantine"'
            yield Need(Call.DELETE_CONTACTS, entry.contact_list, f'{at}.{key} = "remove"', instead)
    yield Need(Call.POST_NUMBERS, entry.dnc_list, f"{at}.dnc_list")
    if entry.campaigns == "restart":
        restart, instead = f'{at}.campaigns = "restart"', 'set campaigns = "report"'
        yield Need(Call.PUT_CAMPAIGN, "", restart, instead)


async def check_permissions(
    exchange: Exchange, settings: Settings, gone: Collection[str], nobody: str
) -> list[Finding]:
    """Ask each call that is needed for nothing; one finding for each permission.

    Places that are *gone* are left out. *nobody* is an id that no contact and no campaign has.
    """
    asked = [
        (need, await ask_permission(exchange, need.call, need.place, nobody))
        for need in needs(settings)
        if need.place not in gone
    ]
    names = dict.fromkeys(PERMISSIONS[need.call] for need, _ in asked)
    client = settings.genesys.client_id
    return [
        finding(
            name, [(need, told) for need, told in asked if PERMISSIONS[need.call] == name], client
        )
        for name in names
    ]


def finding(permission: str, asked: Iterable[tuple[Need, Permitted]], client: str) -> Finding:
    """Return what the answers to all calls of one permission come to."""
    what = f"permission {permission}"
    by_standing: dict[Standing, list[tuple[Need, Permitted]]] = {each: [] for each in Standing}
    for need, told in asked:
        by_standing[told.standing].append((need, told))
    refused, unknown = by_standing[Standing.REFUSED], by_standing[Standing.UNKNOWN]
    if refused:
        instead = dict.fromkeys(need.instead for need, _ in refused if need.instead)
        return bad(
            what,
            f"missing ({refused[0][1].code}), needed for {_settings(refused)}; give it to the "
            f"role of OAuth client {client}, in the division of each list"
            + "".join(f", or {each}" for each in instead),
        )
    if unknown:
        return doubtful(
            what,
            f"not known ({unknown[0][1].code}), needed for {_settings(unknown)}; try again",
        )
    return well(what, f"not refused, needed for {_settings(by_standing[Standing.NOT_REFUSED])}")


def _settings(asked: Iterable[tuple[Need, Permitted]]) -> str:
    return ", ".join(dict.fromkeys(need.setting for need, _ in asked))
