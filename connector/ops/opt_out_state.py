"""Read from the changelog who is opted out: a running worker owns its database."""

import asyncio
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from connector.domain.belief import Belief
from connector.domain.ids import DncListId, LeadId, OutcomeId, PhoneNumber
from connector.ops.own_topics import admin_client
from connector.planning.digest import Digests
from connector.planning.opted_out import in_force, is_blocked
from connector.settings.model import Settings
from connector.stream.composition import digests, kafka
from connector.stream.control import Control, written_to
from connector.stream.moments import rfc3339
from connector.stream.packing import lead_key
from connector.stream.person_words import Lifts, Word
from connector.stream.reader import Reader
from connector.stream.reading import RawRecord
from connector.stream.state_rows import RowKind, read, row_key, split_key
from connector.stream.topics import TopicsUnavailableError, find_topics

_NUMBER = "#"
_ENDS = (RowKind.OPT_OUT.value, RowKind.LIFT.value)


@dataclass(frozen=True, slots=True)
class OptOutState:
    """What is known of the opt-outs of one lead, or of a number without one."""

    lead: LeadId
    belief: Belief
    word: Word | None = None

    @property
    def opted_out(self) -> bool:
        """Say whether an opt-out is in force."""
        return in_force(self.belief) is not None

    @property
    def dnc_lists(self) -> tuple[DncListId, ...]:
        """Return the DNC lists that took numbers; only a person can take one off there."""
        opt_out = self.belief.opt_out
        return () if opt_out is None else tuple(sorted({dnc for dnc, _ in opt_out.blocked}))

    @property
    def reconsent(self) -> OutcomeId | None:
        """Return the outcome by which the CRM says again that the lead may be called, if the
        opt-out still stands against it.
        """
        return self.belief.reconsent if self.opted_out else None

    def document(self) -> dict[str, object]:
        """Return it as `opt-outs show --json` has it (contract.md section 7)."""
        opt_out, lift, word = self.belief.opt_out, self.belief.lift, self.word
        lifted = None
        if lift is not None:
            lifted = {
                "by": None if word is None else word.by,
                "reason": None if word is None else word.reason,
                "at": rfc3339(lift.at),
            }
        return {
            "lead_id": None if self.lead.startswith(_NUMBER) else self.lead,
            "opted_out": self.opted_out,
            "since": None if opt_out is None else rfc3339(opt_out.since),
            "source": None if opt_out is None else opt_out.by,
            "dnc_lists": list(self.dnc_lists),
            "lifted": lifted,
            "reconsent": self.reconsent,
        }


async def of_leads(settings: Settings, leads: Collection[LeadId]) -> tuple[OptOutState, ...]:
    """Return what is known of each of *leads*, also where that is nothing.

    Raises:
        TopicsUnavailableError, ReadFailedError: the broker did not tell.
        UnknownFormError: a row that this version cannot read.
    """
    keys = {row_key(lead, kind) for lead in leads for kind in RowKind}
    rows = await asyncio.to_thread(_rows, settings, keys.__contains__)
    return await _attributed(settings, [(lead, read(lead, rows.get)) for lead in leads])


async def of_all(settings: Settings) -> tuple[OptOutState, ...]:
    """Return every opt-out that there is or was; with its re-consent where one waits.

    Raises: as `of_leads`.
    """
    rows = await asyncio.to_thread(_rows, settings, lambda key: key.endswith(_ENDS))
    leads = sorted({split_key(key)[0] for key in rows})
    keys = {lead_key(lead) for lead in leads}
    rows |= await asyncio.to_thread(_rows, settings, keys.__contains__)
    return await _attributed(settings, [(lead, read(lead, rows.get)) for lead in leads])


async def of_number(settings: Settings, number: PhoneNumber) -> dict[str, object]:
    """Return what is known of *number*, and of each lead that opted out with it.

    Raises: as `of_leads`.
    """
    keys = digests(settings)
    found = [each for each in await of_all(settings) if _has(each, number, settings, keys)]
    standing = [opt_out for each in found if (opt_out := in_force(each.belief)) is not None]
    first = min(standing, key=lambda each: each.since, default=None)
    opt_outs = [each.belief.opt_out for each in found]
    on = [
        each
        for each in settings.dnc_lists
        if any(is_blocked(number, DncListId(each), known, keys) for known in opt_outs)
    ]
    return {
        "lead_id": None,
        "opted_out": first is not None,
        "since": None if first is None else rfc3339(first.since),
        "source": None if first is None else first.by,
        "dnc_lists": on,
        "lifted": None,
        "leads": [each.document() for each in found],
    }


def _has(state: OptOutState, number: PhoneNumber, settings: Settings, keys: Digests) -> bool:
    return state.lead == keys.lead_of(number) or any(
        is_blocked(number, DncListId(each), state.belief.opt_out, keys)
        for each in settings.dnc_lists
    )


def _rows(settings: Settings, wanted: Callable[[bytes], bool]) -> dict[bytes, bytes]:
    """Return the newest value of each wanted key of the changelog. Blocks."""
    topic = settings.topics.changelog
    _demand(settings, (topic, settings.topics.control))
    rows: dict[bytes, bytes] = {}

    def take(_partition: int, records: Sequence[RawRecord], _behind: int) -> None:
        for each in records:
            key, value = each.key() or b"", each.value()
            if not wanted(key):
                continue
            if value is None:
                rows.pop(key, None)
            else:
                rows[key] = value

    reader = Reader(kafka(settings), settings.kafka.application_id)
    partitions = dict.fromkeys(range(settings.kafka.partitions))
    reader.read_to_end(topic, partitions, take, threading.Event())
    return rows


def _demand(settings: Settings, topics: Iterable[str]) -> None:
    """Refuse to read a topic that is not there: reading would wait for it without end."""
    wanted = tuple(topics)
    found = find_topics(admin_client(settings, lambda _trouble: None), wanted)
    for each in wanted:
        if each not in found:
            raise TopicsUnavailableError(f"{each} is missing; `connector topics create` makes it")


async def _attributed(
    settings: Settings, beliefs: Sequence[tuple[LeadId, Belief]]
) -> tuple[OptOutState, ...]:
    """Return the states with who lifted them."""
    topic = settings.topics.control
    config = kafka(settings)
    reader = Reader(config, settings.kafka.application_id)
    control = Control(reader, topic, written_to(config, topic))
    lifts = Lifts(control)
    if any(belief.lift is not None for _, belief in beliefs):
        await control.refresh()
    return tuple(
        OptOutState(lead, belief, None if belief.lift is None else lifts.of(lead, belief.lift.at))
        for lead, belief in beliefs
    )
