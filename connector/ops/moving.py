"""Move opt-outs and lifts to a new application: `opt-outs export` and `opt-outs import`.

Read from the changelog and `A.opt-outs` of the old one, written to the changelog of the new one.
"""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from connector.domain.belief import NOTHING_KNOWN, Belief
from connector.domain.ids import LeadId
from connector.ops.group import workers_run
from connector.ops.opt_out_file import Moved, OptOutFile
from connector.ops.own_topics import admin_client
from connector.planning.moved import joined, moved
from connector.planning.opted_out import in_force
from connector.settings.model import Settings
from connector.stream.backlog import read_backlog
from connector.stream.composition import digests, kafka
from connector.stream.control import PARTITION, ControlEntry
from connector.stream.moments import rfc3339
from connector.stream.partitions import partition_of
from connector.stream.producer import Delivery, Producer
from connector.stream.reader import Reader
from connector.stream.reading import RawRecord
from connector.stream.state_rows import RowKind, StateRow, changed_rows, read, row_key, split_key
from connector.stream.topics import TopicsUnavailableError, find_topics, topic_ids

IMPORTED = "opt-outs-imported"
"""The kind of the record in `A.control` that says who did it."""

_ENDS = (RowKind.OPT_OUT.value, RowKind.LIFT.value)
_AT_ONCE = 5_000
_SEND_SECONDS = 30.0
_NUMBER = "#"

Tell = Callable[[str], None]


class WorkersRunError(Exception):
    """Workers of the application run: what they hold in memory would not know of this."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to: leads of the file, those that were known, rows written."""

    leads: int
    unchanged: int
    rows: int


def counts(leads: Moved) -> dict[str, int]:
    """Count what *leads* say: by lead, by number without one, and how many are lifted."""
    found = Counter(_word(lead, known) for lead, known in leads.items())
    return {word: found[word] for word in ("opted_out", "lifted", "numbers")}


def _word(lead: LeadId, known: Belief) -> str:
    if lead.startswith(_NUMBER):
        return "numbers"
    return "lifted" if in_force(known) is None else "opted_out"


async def export(settings: Settings, tell: Tell) -> OptOutFile:
    """Return all opt-outs and lifts, those included that no worker has settled yet.

    Raises:
        TopicsUnavailableError, ReadFailedError: the broker did not tell.
        UnknownFormError: a row that this version cannot read.
    """
    names = settings.topics
    await asyncio.to_thread(_demand, settings, (names.changelog, names.opt_outs))
    if await asyncio.to_thread(workers_run, settings):
        tell(
            "workers run: what they take in from now on is not in it; stop them before the last "
            "export"
        )
    known = await asyncio.to_thread(_known, settings, None, tell)
    accepted = await asyncio.to_thread(_accepted, settings)
    ids = await asyncio.to_thread(_names, settings)
    leads = {lead: moved(belief, ids.get) for lead, belief in known.items()}
    for lead, belief in accepted.items():
        leads[lead] = joined(leads.get(lead, NOTHING_KNOWN), moved(belief, ids.get))
    return OptOutFile(names.application_id, digests(settings).sign, leads)


async def import_(
    settings: Settings, file: OptOutFile, by: str | None, at: int, tell: Tell
) -> Imported:
    """Write what *file* holds and the changelog has not. Again it writes nothing.

    *by* says who does it, *at* when, in ms.

    Raises:
        WorkersRunError: nothing was written, or it was and a worker began meanwhile.
        TopicsUnavailableError, ReadFailedError, SendFailedError: it may be there in part.
        UnknownFormError: a row that this version cannot read.
    """
    names = settings.topics
    await asyncio.to_thread(_demand, settings, (names.changelog, names.control))
    await _alone(settings, "stop them, then run this again; nothing was written")
    known = await asyncio.to_thread(_known, settings, file.leads.keys(), tell)
    rows: list[tuple[int, StateRow]] = []
    changed = 0
    for lead, brought in sorted(file.leads.items()):
        before = known.get(lead, NOTHING_KNOWN)
        made = changed_rows(lead, before, joined(before, brought))
        changed += bool(made)
        rows += [(partition_of(lead, settings.kafka.partitions), row) for row in made]
    if rows:
        entry = ControlEntry(
            IMPORTED,
            f"{file.application}/{at}",
            {"by": by, "at": rfc3339(at), "at_ms": at, "rows": len(rows)},
        )
        await _write(settings, entry, rows, tell)
        await _alone(settings, "one began meanwhile: stop it, then run this again")
    return Imported(len(file.leads), len(file.leads) - changed, len(rows))


async def _alone(settings: Settings, advice: str) -> None:
    if await asyncio.to_thread(workers_run, settings, unanswered=True):
        application = settings.kafka.application_id
        raise WorkersRunError(
            f"workers of {application} run, or the broker will not say: {advice}"
        )


def _demand(settings: Settings, topics: Sequence[str]) -> None:
    """Refuse topics that are not there, or not as the settings say: rows would lie elsewhere."""
    found = find_topics(admin_client(settings, lambda _trouble: None), topics)
    for each in topics:
        if each not in found:
            raise TopicsUnavailableError(f"{each} is missing; `connector topics create` makes it")
    topic, wanted = settings.topics.changelog, settings.kafka.partitions
    if found[topic].partitions != wanted:
        raise TopicsUnavailableError(
            f"{topic} has {found[topic].partitions} partitions, kafka.partitions says {wanted}; "
            "the count is fixed for the life of the application: set it back"
        )


def _known(
    settings: Settings, leads: Collection[LeadId] | None, tell: Tell
) -> dict[LeadId, Belief]:
    """Return the opt-outs and lifts in the changelog, of *leads* or of all. Blocks."""
    rows: dict[bytes, bytes] = {}
    seen = 0
    keys = None if leads is None else {row_key(lead, kind) for lead in leads for kind in RowKind}

    def take(_partition: int, records: Sequence[RawRecord], _behind: int) -> None:
        nonlocal seen
        for each in records:
            key, value = each.key() or b"", each.value()
            if key.endswith(_ENDS) and value is not None and (keys is None or key in keys):
                rows[key] = value
        if seen // 1_000_000 != (seen + len(records)) // 1_000_000:
            tell(f"{seen + len(records)} rows read.")
        seen += len(records)

    partitions = dict.fromkeys(range(settings.kafka.partitions))
    _reader(settings).read_to_end(settings.topics.changelog, partitions, take, threading.Event())
    found = sorted({split_key(key)[0] for key in rows})
    return {lead: read(lead, rows.get) for lead in found}


def _accepted(settings: Settings) -> dict[LeadId, Belief]:
    """Return the opt-outs in `A.opt-outs` that no worker has committed. Blocks."""
    topic, reader = settings.topics.opt_outs, _reader(settings)
    positions = reader.committed(topic, range(settings.kafka.partitions))
    backlog = read_backlog(reader, topic, positions, threading.Event())
    return {
        lead: Belief(opt_out=opt_out)
        for each in backlog.values()
        for lead, opt_out in each.items()
    }


def _names(settings: Settings) -> Mapping[str, str]:
    """Return the names of the source topics by their ids; a lift covers by them. Blocks."""
    found = topic_ids(admin_client(settings, lambda _trouble: None), settings.source_topics)
    return {topic_id: name for name, topic_id in found.items()}


def _reader(settings: Settings) -> Reader:
    return Reader(kafka(settings), settings.kafka.application_id)


async def _write(
    settings: Settings, entry: ControlEntry, rows: Sequence[tuple[int, StateRow]], tell: Tell
) -> None:
    """Write who does it, then the rows, each to the partition of its lead."""
    names = settings.topics
    failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def fail(why: Exception) -> None:
        if not failed.done():
            failed.set_exception(why)

    producer = Producer(
        kafka(settings),
        Delivery(timeout=_SEND_SECONDS, linger=0.005),
        fail,
        lambda why: tell(f"broker: {why}"),
    )
    polling = asyncio.create_task(producer.run())

    async def all_() -> None:
        await producer.put(names.control, entry.key, entry.value, partition=PARTITION)
        for begin in range(0, len(rows), _AT_ONCE):
            part = rows[begin : begin + _AT_ONCE]
            await asyncio.gather(
                *(
                    producer.put(names.changelog, row.key, row.value, partition=partition)
                    for partition, row in part
                )
            )
            tell(f"{begin + len(part)} of {len(rows)} rows written.")

    writing = asyncio.create_task(all_())
    try:
        await asyncio.wait({writing, failed}, return_when=asyncio.FIRST_COMPLETED)
        if failed.done():
            failed.result()
        writing.result()
    finally:
        writing.cancel()
        failed.cancel()
        polling.cancel()
        producer.close()
