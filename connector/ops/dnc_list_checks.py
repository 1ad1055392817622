"""Check the DNC lists of the settings: internal, for phone numbers, with room left."""

from connector.domain.dnc_list import DncList
from connector.domain.ids import DncListId
from connector.genesys.dnc_lists import DncLists
from connector.genesys.failed import Failed
from connector.ops.finding import Finding, bad, doubtful, well
from connector.planning.coverage import GRAVE, dnc_gaps
from connector.planning.gates import GateReason
from connector.settings.model import Settings


async def check_dnc_lists(calls: DncLists, settings: Settings) -> list[Finding]:
    """Read each DNC list once; one finding for each."""
    hold = settings.compliance.uncovered == "hold"
    ids = dict.fromkeys(DncListId(each) for each in settings.dnc_lists)
    return [_finding(each, await calls.read(each), hold=hold) for each in ids]


def _finding(dnc_list: DncListId, read: DncList | Failed, *, hold: bool) -> Finding:
    what = f"dnc list {dnc_list}"
    if isinstance(read, Failed):
        # Opt-outs need no permission to look; new contacts do where they wait to be covered.
        hidden = read.reason is GateReason.PERMISSION and not hold
        text = f"DNC list {dnc_list}: {read.advice} ({read.code})"
        return doubtful(what, text) if hidden else bad(what, text)
    for gap in dnc_gaps(read):
        text = f"{read.name}: {gap.advice}"
        return bad(what, text) if gap.kind in GRAVE else doubtful(what, text)
    return well(what, read.name)
