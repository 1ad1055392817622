"""Say what more can become of a record that waited together with others of its lead."""

from tests.support.flat_reading import Kind, Reading
from tests.support.lead_truth import Ending

APPLIED_REASONS: tuple[str | None, ...] = (None, "phone_dropped", "kept_quarantined")


def loosened(
    exact: frozenset[Ending],
    reading: Reading,
    before: list[Reading],
    after: list[Reading],
    *,
    opted_out: bool,
    blocked: frozenset[str],
) -> frozenset[Ending]:
    """Add the endings that companions in the same phase make possible.

    *before* and *after* are the same lead's other records of the phase, in their order;
    *opted_out* says whether an opt-out of an earlier phase is in force, *blocked* which numbers
    it has blocked.
    """
    verdicts = {verdict for verdict, _ in exact}
    if verdicts & {"rejected", "duplicate"} or not (before or after):
        return exact
    if reading.kind is Kind.OPT_OUT:
        return (
            exact
            | _opt_out_among(exact, reading, before, after)
            | _overtaking(exact, before + after, blocked)
        )
    if ("stale", "older") in exact and len(exact) == 1:
        return exact
    tombstone = reading.kind is Kind.TOMBSTONE
    endings = set(exact)
    if any(each.kind is Kind.OPT_OUT for each in after):
        endings |= {("unchanged" if tombstone else "suppressed", "opted_out")}
    if opted_out or any(each.kind is Kind.OPT_OUT for each in before):
        return frozenset(endings)
    if any(each.kind not in (Kind.OPT_OUT, Kind.BROKEN) for each in after):
        endings |= {("stale", "superseded")}
    return frozenset(endings | _coalesced(reading))


def _opt_out_among(
    exact: frozenset[Ending], reading: Reading, before: list[Reading], after: list[Reading]
) -> set[Ending]:
    endings = _late_or_not(exact)
    known = frozenset[str]().union(*(each.numbers for each in before + after))
    if reading.numbers <= known and any(each.kind is Kind.OPT_OUT for each in before):
        endings |= {("unchanged", "opted_out"), ("applied", None)}
    return endings


def _overtaking(
    exact: frozenset[Ending], companions: list[Reading], blocked: frozenset[str]
) -> set[Ending]:
    """An opt-out that has nothing to do behind a row with a new number has it if it overtakes."""
    new = any(each.numbers - blocked for each in companions if each.kind is not Kind.BROKEN)
    return {("applied", None)} if ("unchanged", "opted_out") in exact and new else set()


def _late_or_not(exact: frozenset[Ending]) -> set[Ending]:
    if ("applied", "late_opt_out") in exact:
        return {("applied", None), ("applied", "no_number"), ("applied", "phone_dropped")}
    if ("applied", "no_number") in exact:
        return {("applied", None)}
    return set()


def _coalesced(reading: Reading) -> set[Ending]:
    endings: set[Ending] = {("applied", reason) for reason in APPLIED_REASONS}
    if reading.kind is Kind.TOMBSTONE:
        return endings | {("unchanged", "same_row"), ("unchanged", "no_contact")}
    if not reading.numbers:
        endings |= {("unchanged", "no_phone")}
    if not reading.routes:
        endings |= {("unchanged", "no_list")}
    if reading.kind is Kind.QUARANTINE:
        endings |= {("unchanged", "no_contact"), ("unchanged", "same_row")}
    return endings
