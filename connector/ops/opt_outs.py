"""Do what `opt-outs add` and `opt-outs lift` ask."""

import asyncio
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace

from connector.ops.opt_out_lines import Line
from connector.ops.person import Ended, now_ms, opt_out_of, place_to_come, say
from connector.settings.model import Settings
from connector.stream.composition import digests
from connector.stream.person_words import Word, added


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
