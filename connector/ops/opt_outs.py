"""Do what `opt-outs add` and `opt-outs lift` ask."""

import asyncio
import shlex
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from connector.domain.ids import LeadId
from connector.ops.opt_out_lines import Line
from connector.ops.opt_out_state import OptOutState, of_leads
from connector.ops.person import Ended, lift_of, now_ms, opt_out_of, place_to_come, say
from connector.settings.model import Settings
from connector.stream.composition import digests
from connector.stream.names import names_of
from connector.stream.person_words import Word, added, lifted

_SHOWN = 20


async def add(
    settings: Settings,
    lines: Sequence[Line],
    by: str,
    reason: str,
    tell: Callable[[str], None],
) -> Ended:
    """Enter the opt-outs of *lines*; those with nothing but an unusable number are refused.

    Raises:
        TopicsUnavailableError, and what `say` raises.
    """
    now = now_ms()
    origin = await asyncio.to_thread(place_to_come, settings, now)
    keys = digests(settings)
    made = [(line.at, opt_out_of(line, origin, keys)) for line in lines]
    said = [each for _, each in made if each is not None]
    entry = added(Word(by, reason, now), uuid.uuid4().hex, len(said))
    ended = await say(settings, said, [entry], tell)
    return replace(ended, refused=tuple(at for at, each in made if each is None))


async def lift(
    settings: Settings,
    leads: Sequence[LeadId],
    by: str,
    reason: str,
    tell: Callable[[str], None],
) -> tuple[Ended, list[str]]:
    """Lift the opt-outs of *leads*; return also what the person must still do.

    Raises:
        TopicsUnavailableError, UnknownFormError, and what `say` raises.
    """
    now = now_ms()
    origin = await asyncio.to_thread(place_to_come, settings, now)
    word = Word(by, reason, now)
    said = [lift_of(lead, origin, now) for lead in leads]
    ended = await say(settings, said, [lifted(word, lead) for lead in leads], tell)
    return ended, _left_to_do(settings, await of_leads(settings, leads))


def _left_to_do(settings: Settings, states: Sequence[OptOutState]) -> list[str]:
    """Say which DNC lists still hold numbers, and how the leads come back at once."""
    names = names_of(settings)
    held = Counter(dnc for state in states for dnc in state.dnc_lists)
    lines = [
        f"{names.of(dnc)} ({dnc}) still holds numbers of {count} of these leads; the connector "
        "never takes one off: do it in Genesys if these people are to be called there"
        for dnc, count in sorted(held.items())
    ]
    shown = states[:_SHOWN]
    options = " ".join(f"--lead {shlex.quote(state.lead)}" for state in shown)
    more = " (and a --lead for each of the others)" if len(states) > len(shown) else ""
    return [
        *lines,
        "A lead comes back with its next change in the CRM, or at once by a replay:",
        f"  connector replay plan --reassert {options}{more}",
        "  connector replay run HASH --by WHO",
    ]
