"""Say which permissions the settings need: those to read are tried, those to write named."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from connector.domain.ids import ContactId, ListId
from connector.genesys.call import Call
from connector.genesys.exchange import Exchange
from connector.genesys.permissions import PERMISSIONS, Permitted, Standing, ask_to_read
from connector.ops.finding import Finding, bad, doubtful, well
from connector.settings.lists import ContactList
from connector.settings.model import Settings


async def check_permissions(
    exchange: Exchange, settings: Settings, gone: Collection[ListId], nobody: ContactId
) -> list[Finding]:
    """Read the contact *nobody*, an id that no contact has, from each list that is not *gone*, and
    name what only writes need; one finding for each permission.
    """
    asked = [
        (f"lists.{name}.contact_list", await ask_to_read(exchange, list_id, nobody))
        for name, entry in settings.lists.items()
        if (list_id := ListId(entry.contact_list)) not in gone
    ]
    seen = [readable(asked, settings.genesys.client_id)] if asked else []
    return seen + [unseen(name, needed) for name, needed in needs(settings).items()]


def needs(settings: Settings) -> Mapping[str, Sequence[str]]:
    """Return each permission that only writes need, and the settings that make them necessary."""
    found: dict[str, list[str]] = {}
    for name, entry in settings.lists.items():
        for call, setting in _writes(f"lists.{name}", entry):
            found.setdefault(PERMISSIONS[call], []).append(setting)
    return found


def _writes(at: str, entry: ContactList) -> Iterable[tuple[Call, str]]:
    for call in (Call.POST_CONTACTS, Call.PUT_CONTACT):
        yield call, f"{at}.contact_list"
    for key, removal in (("delete", entry.delete), ("leave", entry.leave)):
        if removal == "remove":
            yield Call.DELETE_CONTACTS, f'{at}.{key} = "remove"'
    yield Call.POST_NUMBERS, f"{at}.dnc_list"
    if entry.campaigns == "restart":
        yield Call.PUT_CAMPAIGN, f'{at}.campaigns = "restart"'


def readable(asked: Sequence[tuple[str, Permitted]], client: str) -> Finding:
    """Return what the answers come to, each with the setting of its list."""
    what = f"permission {PERMISSIONS[Call.BULK_READ]}"

    def such(standing: Standing) -> list[tuple[str, Permitted]]:
        return [each for each in asked if each[1].standing is standing]

    if refused := such(Standing.REFUSED):
        return bad(
            what,
            f"missing ({refused[0][1].code}), needed for {_settings(refused)}; give it to the "
            f"role of OAuth client {client}, in the division of each list",
        )
    if unknown := such(Standing.UNKNOWN):
        return doubtful(
            what,
            f"not known ({unknown[0][1].code}), needed for {_settings(unknown)}; try again",
        )
    return well(what, f"not refused, needed for {_settings(asked)}")


def _settings(asked: Sequence[tuple[str, Permitted]]) -> str:
    return ", ".join(setting for setting, _ in asked)


def unseen(permission: str, needed: Sequence[str]) -> Finding:
    """Return a line for a permission that only a write would show: a check writes nothing."""
    if permission == PERMISSIONS[Call.PUT_CAMPAIGN]:
        shown = "a worker's first restart of a campaign fails and names it in campaigns.failed"
    else:
        shown = "a worker's first write parks the list and names it in list.parked"
    return well(
        f"permission {permission}",
        f"needed for {', '.join(needed)}; cannot be seen without writing: where it lacks, "
        f"{shown} (docs/permissions.md)",
    )
