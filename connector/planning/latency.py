"""Tell how long each step of a change took (contract.md section 4)."""

from connector.domain.outcome import Action, Latency
from connector.planning.pending import Pending


def latency_of(pending: Pending, decided: float) -> Latency:
    """Return the steps of a change that ends; *decided* is when it was decided, in seconds.

    A step that did not happen is None, and so is a read-back that did not confirm every contact
    which this change quarantined. One that seems to end before it began took 0 ms: the clocks of
    two machines differ, or every contact was read back before the last number was accepted.
    """
    progress, append = pending.progress, pending.change.origin.timestamp
    appended = None if append < 0 else append / 1000
    commit = pending.change.revision.commit_time
    verified = progress.verified if _read_back(pending) else None
    return Latency(
        crm_to_kafka_ms=_span(None if commit is None else commit / 1000, appended),
        kafka_to_decided_ms=_span(appended, decided),
        decided_to_sent_ms=_span(decided, progress.sent),
        sent_to_accepted_ms=_span(progress.sent, progress.accepted),
        accepted_to_verified_ms=_span(progress.accepted, verified),
        kafka_to_blocked_ms=_span(appended, progress.blocked),
    )


def _read_back(pending: Pending) -> bool:
    """Say whether no contact is left that was quarantined and not seen to be since."""
    left = set()
    for effect in pending.effects:
        place = (effect.place, effect.contact_id)
        if effect.action is Action.QUARANTINED:
            left.add(place)
        elif effect.action is Action.VERIFIED:
            left.discard(place)
    return not left


def _span(start: float | None, end: float | None) -> int | None:
    if start is None or end is None:
        return None
    return max(0, round((end - start) * 1000))
