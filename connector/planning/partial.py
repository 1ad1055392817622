"""Say whether partial changes can be merged: with which contact, or that nobody knows the lead.

A row is never made of a partial change alone. What it does not name is on the lead's contacts.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

from connector.domain.change import LeadDelete, LeadQuarantine
from connector.domain.command import FetchContact, FindContacts, Urgency
from connector.domain.ids import ListId
from connector.domain.reason import Reason, Verdict
from connector.planning.contact_id import chosen_id
from connector.planning.endings import finished
from connector.planning.filling import is_partial, knows_contact, unread
from connector.planning.outlook import Outlook
from connector.planning.pending import Pending
from connector.planning.plan import Case, Done, Plan
from connector.planning.routes import belongs_as_named
from connector.planning.sight import FRESH_SECONDS


def ready(members: Sequence[Pending], case: Case, outlook: Outlook, plan: Plan) -> bool:
    """Say whether *members* can be pursued list by list; else *plan* has what comes first.

    That is: look-ups of a lead that nobody knows yet, or its end. The reads that their end waits
    for are asked beside: a list goes on with what it needs itself.
    """
    if not is_partial(outlook.change(members)):
        return True
    if knows_contact(case):
        _read(members[-1], case, plan)
        return True
    if case.busy:
        plan.wait()
        return False
    if case.deferral.owes(case.belief, members[-1].only):
        _put_off(members, case, outlook, plan)
        return False
    nowhere = _belongs_nowhere(members, case, outlook)
    first = [] if nowhere else _look_ups(members[-1].progress.arrived, case)
    if case.sight.refused.intersection(first):
        plan.done.extend(refused(members, case, outlook))
        return False
    for command in first:
        plan.want(command, members[-1], Urgency.WRITE)
    if plan.resting:
        ends = finished(members, case, outlook)
        plan.done.extend(ends if nowhere else _unknown(ends))
    return False


def _put_off(members: Sequence[Pending], case: Case, outlook: Outlook, plan: Plan) -> None:
    """Put *members* off: what was deferred on other lists may hold the row that they belong to.

    Not so a disqualification where a contact may be, of an insert that a crash hid: it is looked
    for first, wherever reads get through.
    """
    if any(isinstance(each.change, LeadQuarantine) for each in members):
        for command in _look_ups(members[-1].progress.arrived, case):
            if not case.deferral.behind(command) and command not in case.sight.refused:
                plan.want(command, members[-1], Urgency.WRITE)
    if plan.resting:
        lists = members[-1].only or frozenset(case.policy.lists)
        plan.done.extend(finished(members, case, outlook, lists))


def _read(newest: Pending, case: Case, plan: Plan) -> None:
    """Ask for the contacts that are not read; *plan* waits where something is in the air."""
    for list_id, contact in unread(case):
        command = FetchContact(case.lead, list_id, contact)
        if list_id in case.busy:
            plan.wait()
        elif command not in case.sight.refused:
            plan.want(command, newest, Urgency.WRITE)


def withheld(members: Sequence[Pending], case: Case, outlook: Outlook) -> frozenset[ListId]:
    """Return the lists that refused for good to show a contact that *members* change."""
    if not case.sight.refused or not is_partial(outlook.change(members)):
        return frozenset()
    return frozenset(
        [
            list_id
            for list_id, contact in unread(case)
            if FetchContact(case.lead, list_id, contact) in case.sight.refused
        ]
    )


def _belongs_nowhere(members: Sequence[Pending], case: Case, outlook: Outlook) -> bool:
    """Say whether no list is the lead's: by what is named, or by the row that the state routed."""
    stands, change = outlook.standing(members), outlook.change(members)
    if stands is None or isinstance(change, LeadDelete) or stands.here:
        return False
    if case.belief.marks and not stands.deleted:
        return True
    lists = case.policy.lists.values()
    return all(belongs_as_named(change.row.fields, each) is False for each in lists)


def _look_ups(begun: float, case: Case) -> list[FindContacts | FetchContact]:
    """Return the look-ups of the lead, and reads of the chosen id: a search lags, and not every
    list is searched.
    """
    asked: list[FindContacts | FetchContact] = []
    for each in case.policy.lists.values():
        looked = case.sight.looked.get(each.id, -math.inf)
        if each.adopt and looked < min(begun, case.now - FRESH_SECONDS):
            asked.append(FindContacts(case.lead, each.id))
        own = chosen_id(case.lead)
        if case.sight.since((each.id, own), begun, case.now) is None:
            asked.append(FetchContact(case.lead, each.id, own))
    return asked


def _unknown(ends: Sequence[Done]) -> list[Done]:
    """Reject what *ends*, but what took effect before the lead's contacts went."""
    return [
        each
        if each.pending.rejected or each.pending.wrote()
        else replace(each, verdict=Verdict.REJECTED, reason=Reason.UNKNOWN_LEAD, stands=None)
        for each in ends
    ]


def refused(
    members: Sequence[Pending],
    case: Case,
    outlook: Outlook,
    deferred: frozenset[ListId] = frozenset(),
) -> list[Done]:
    """Reject *members*: the platform refused for good to show the contact that they change."""
    reasons = [told.reason for each in members for told in each.rejected.values()]
    reason = reasons[0] if reasons else Reason.REFUSED_BY_PLATFORM
    return [
        each
        if each.pending.wrote()
        else replace(each, verdict=Verdict.REJECTED, reason=reason, stands=None)
        for each in finished(members, case, outlook, deferred)
    ]
