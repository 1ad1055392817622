"""Say whether a new lead has waited too long to be inserted (`apply.max_age`).

A lead is as old as the setting `age_field` of its row says; without it, or where it cannot be
read, as what the CRM said of it last: the newest of the changes that wait together. A lead is new
while nobody knows a contact of it. Which list a lead that is known comes to is no question of age.
"""

from collections.abc import Sequence
from datetime import date

from connector.domain.change import LeadDelete
from connector.domain.ids import ListId
from connector.domain.outcome import Action
from connector.planning.coalesce import merged
from connector.planning.instants import instant_of, number_of
from connector.planning.outlook import Outlook
from connector.planning.pending import Pending
from connector.planning.plan import Case
from connector.planning.policy import Policy
from connector.planning.targets import NO_CONTACTS, Held, RowChange

_DAY = 86_400
_EPOCH = date(1970, 1, 1).toordinal() * _DAY
_UNITS = (
    (10**4, 10**5, _DAY),
    (10**8, 10**11, 1),
    (10**11, 10**14, 1e-3),
    (10**14, 10**17, 1e-6),
    (10**17, 10**20, 1e-9),
)
"""From, below, and seconds in one: days since 1970, seconds, and thousandths of the one before. A
Debezium type without its schema is a mere number; no two of these units mean moments near ours."""


def told_at(text: str) -> float | None:
    """Return the moment that a cell names, in seconds since 1970; None where it names none."""
    number = number_of(text)
    if number is not None:
        for least, below, seconds in _UNITS:
            if least <= number < below:
                return float(number) * seconds
    instant = instant_of(text)
    return None if instant is None else float(instant) - _EPOCH


def too_old(members: Sequence[Pending], case: Case) -> bool:
    """Say whether what *members*, oldest first, come to is older than a new lead may be."""
    limit = case.policy.max_age
    if limit is None:
        return False
    since = _since(merged(members, case.policy), case.policy)
    return since is not None and case.now - since > limit


def expires(list_id: ListId, members: Sequence[Pending], case: Case) -> bool:
    """Say whether *members* are too old to be inserted on a list where nobody knows the lead."""
    return too_old(members, case) and _is_new(list_id, members, case)


def expired(
    members: Sequence[Pending], case: Case, outlook: Outlook, deferred: frozenset[ListId]
) -> bool:
    """Say whether a list lacks the lead for its age alone, now that nothing is left to do.

    What the lists in *deferred* lack is said when they are brought up to date.
    """
    if case.policy.max_age is None:
        return False
    only = members[-1].only
    for list_id, target in outlook.wanted(members).items():
        if list_id in deferred or (only is not None and list_id not in only):
            continue
        if isinstance(target, Held) and not case.belief.lists.get(list_id, NO_CONTACTS).contacts:
            good = [each for each in members if list_id not in each.rejected]
            if good and expires(list_id, good, case):
                return True
    return False


def _since(change: RowChange, policy: Policy) -> float | None:
    if policy.age_field is not None and not isinstance(change, LeadDelete):
        told = told_at(change.row.fields.get(policy.age_field, ""))
        if told is not None:
            return told
    at = change.revision.commit_time
    if at is None:
        at = change.origin.timestamp if change.origin.timestamp >= 0 else None
    return None if at is None else at / 1000


def _is_new(list_id: ListId, members: Sequence[Pending], case: Case) -> bool:
    """Say whether no contact is known but what *members* themselves inserted elsewhere.

    A list that was deferred is behind the others: what they hold does not make the lead known.
    """
    lists = case.belief.lists
    if lists.get(list_id, NO_CONTACTS).deferred:
        return True
    own = {
        (effect.place, effect.contact_id)
        for each in members
        for effect in each.effects
        if effect.action is Action.INSERTED
    }
    return all(
        (other, contact.id) in own for other, known in lists.items() for contact in known.contacts
    )
