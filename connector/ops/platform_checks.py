"""Check the platform: credentials, permissions, contact lists, DNC lists, campaigns."""

import random
import time
import uuid

from connector.domain.ids import ContactId, ListId
from connector.genesys.auth import TRIES
from connector.genesys.call import Call
from connector.genesys.campaigns import CampaignCalls
from connector.genesys.dnc_lists import DncLists
from connector.genesys.list_book import ContactList, ListBook, missing_columns
from connector.genesys.lists import QUICK, UnreadList, read_lists
from connector.genesys.notices import Asked, Notice
from connector.genesys.platform import Platform, Surroundings
from connector.genesys.quota import Quota
from connector.ops.budget import Room, RoomOverError
from connector.ops.campaign_checks import PAGES, check_campaigns
from connector.ops.dnc_list_checks import check_dnc_lists
from connector.ops.finding import Finding, bad, doubtful, well
from connector.ops.permission_checks import check_permissions
from connector.planning.gates import GateReason
from connector.settings.model import Settings
from connector.stream.composition import endpoint, mapped_columns

_CREDENTIALS = "credentials"


def requests_at_most(settings: Settings) -> int:
    """Return the most requests that `check_platform` makes of a platform that answers: the token,
    renewed once, each contact list with its repeats, nobody read from it, each DNC list, the
    campaigns, one request repeated for that renewal.
    """
    tokens = 2 * (TRIES.attempts or 1)
    lists = len(settings.lists) * ((QUICK.attempts or 1) + 1)
    campaigns = PAGES * len(settings.lists)
    return tokens + lists + len(set(settings.dnc_lists)) + campaigns + 1


async def check_platform(settings: Settings, room: Room) -> list[Finding]:
    """Look at all that a worker needs of the platform, in no more than *room*: reads alone."""
    asked: list[Asked] = []

    def watch(notice: Notice) -> None:
        if isinstance(notice, Asked):
            asked.append(notice)

    surroundings = Surroundings(room.permit, watch, time.monotonic, random.random)
    quota = Quota(room.pace, time.monotonic)
    async with Platform(endpoint(settings), quota, surroundings) as platform:
        try:
            return await _look(settings, platform, asked)
        except RoomOverError:
            return [_credentials(settings, asked, ()), _cut_short(asked)]


async def _look(settings: Settings, platform: Platform, asked: list[Asked]) -> list[Finding]:
    lists = [ListId(each.contact_list) for each in settings.lists.values()]
    book, unread = await read_lists(platform.exchange, lists, random.random)
    credentials = _credentials(settings, asked, unread)
    if not credentials.well:
        return [credentials]
    dnc_lists = await check_dnc_lists(DncLists(platform.exchange), settings)
    gone = [each.list_id for each in unread if each.refused is not GateReason.PERMISSION]
    nobody = ContactId(str(uuid.uuid4()))
    return [
        credentials,
        *_lists(settings, book, unread),
        *_columns(settings, book),
        *dnc_lists,
        *await check_permissions(platform.exchange, settings, gone, nobody),
        *await check_campaigns(CampaignCalls(platform.exchange), settings, gone),
    ]


def _cut_short(asked: list[Asked]) -> Finding:
    last = asked[-1].broken or f"HTTP {asked[-1].receipt.http_status}" if asked else "no answer"
    return bad(
        "platform",
        f"answers so that more requests were needed than workers had left room for ({last}); "
        "try again, or stop the workers first",
    )


def _credentials(
    settings: Settings, asked: list[Asked], unread: tuple[UnreadList, ...]
) -> Finding:
    client = settings.genesys.client_id
    where = settings.genesys.login_base
    for each in unread:
        if each.refused is GateReason.CREDENTIALS:
            return bad(_CREDENTIALS, str(each).partition(": ")[2])
    tokens = [each for each in asked if each.call is Call.TOKEN]
    if any(each.answer == "applied" for each in tokens):
        return well(_CREDENTIALS, f"{where} gives OAuth client {client} a token")
    last = tokens[-1] if tokens else None
    why = (last.broken or f"HTTP {last.receipt.http_status}") if last else "no answer"
    return bad(
        _CREDENTIALS,
        f"{where} gives no token ({why}); check genesys.region or login_url, network and proxy",
    )


def _lists(settings: Settings, book: ListBook, unread: tuple[UnreadList, ...]) -> list[Finding]:
    problems = {each.list_id: str(each) for each in unread}
    found: list[Finding] = []
    for name, entry in settings.lists.items():
        list_id = ListId(entry.contact_list)
        if list_id in problems:
            found.append(bad(f"list {name}", problems[list_id]))
        else:
            there = book.lists[list_id]
            found.append(well(f"list {name}", f"{there.name}: {len(there.columns)} columns"))
    return found


def _columns(settings: Settings, book: ListBook) -> list[Finding]:
    """Name each mapped column that a list lacks, and each that holds no numbers there."""
    mapped = mapped_columns(settings)
    missing = missing_columns(book, mapped)
    found: list[Finding] = []
    for name, entry in settings.lists.items():
        list_id = ListId(entry.contact_list)
        there = book.lists.get(list_id)
        if there is None:
            continue
        what = f"columns {name}"
        lacking = [bad(what, str(each)) for each in missing if each.list_id == list_id]
        phones = {
            column
            for source in settings.sources.values()
            for column in source.mapping.phones
            if column in mapped[list_id] and column in there.columns
        }
        silent = [
            doubtful(what, f"{column} is no phone column of the list: it will not be dialled")
            for column in sorted(phones - set(there.phones))
        ]
        every = well(what, f"all {len(mapped[list_id])} mapped columns are there")
        found += [*lacking, *silent, *_time_zones(settings, name, there)] or [every]
    return found


def _time_zones(settings: Settings, name: str, there: ContactList) -> list[Finding]:
    """Name each column with the time zone of a mapped phone that a source leaves out."""
    unmapped: dict[str, Finding] = {}
    for source_name, source in settings.sources.items():
        columns = settings.columns(name, source_name)
        for phone in source.mapping.phones:
            zone = there.time_zones.get(phone) if source.role == "leads" else None
            if phone in columns and zone is not None and zone not in columns:
                text = (
                    f"{zone} is not mapped, and the list calls {phone} by the time zone in it: "
                    "the dialler passes over such a contact without a word; name its source field"
                )
                unmapped[text] = bad(f"columns {name}", text)
    return list(unmapped.values())
