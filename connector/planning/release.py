"""Say whether the end of our own quarantine may make a contact callable again."""

from typing import assert_never

from connector.domain.belief import ContactBelief, QuarantinedBy
from connector.domain.contact import Contact
from connector.planning.policy import Release

LOOK_BACK_MS = 24 * 3_600 * 1_000
"""A call attempt this long before our quarantine can have had an agent's wrap-up that disabled the
contact behind it (design.md section 4)."""


def may_open(known: ContactBelief, seen: Contact, release: Release) -> bool:
    """Say whether a contact that is not callable may be made so, now that our reason is gone.

    Only a quarantine that is known to be ours ends; what the platform, an agent or another loader
    disabled stays (invariant 12).
    """
    if known.by is not QuarantinedBy.OURS or known.since is None:
        return False
    match release:
        case Release.AUTO:
            return True
        case Release.NEVER:
            return False
        case Release.UNTOUCHED:
            return seen.last_attempt is None or seen.last_attempt < known.since - LOOK_BACK_MS
        case _:
            assert_never(release)
