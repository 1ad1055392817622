"""Say whether partial changes can be merged: with which contact, or that nobody knows the lead.

A row is never made of a partial change alone. What it does not name is on the lead's contacts.
"""

import math
from collections.abc import Sequence

from connector.domain.change import LeadDelete
from connector.domain.command import FetchContact, FindContacts, Urgency
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

    That is: reads of the lead's contacts, or look-ups of a lead that nobody knows yet, or its end.
    """
    if not is_partial(outlook.change(members)):
        return True
    owner = members[-1]
    if knows_contact(case):
        for list_id, contact in unread(case):
            if list_id in case.busy:
                plan.wait()
            else:
                plan.want(FetchContact(case.lead, list_id, contact), owner, Urgency.WRITE)
        return plan.resting
    if case.busy:
        plan.wait()
    elif _belongs_nowhere(members, case, outlook):
        plan.done.extend(finished(members, case, outlook))
    else:
        _look(owner, case, plan)
        if plan.resting:
            plan.done.extend(_unknown(members, case, outlook))
    return False


def _belongs_nowhere(members: Sequence[Pending], case: Case, outlook: Outlook) -> bool:
    """Say whether no list is the lead's: by what is named, or by the row that the state routed."""
    stands, change = outlook.standing(members), outlook.change(members)
    if stands is None or isinstance(change, LeadDelete) or stands.here:
        return False
    if case.belief.marks and not stands.deleted:
        return True
    lists = case.policy.lists.values()
    return all(belongs_as_named(change.row.fields, each) is False for each in lists)


def _look(owner: Pending, case: Case, plan: Plan) -> None:
    """Look the lead up, and read the chosen id: a search lags, and not every list is searched."""
    begun = owner.progress.arrived
    for each in case.policy.lists.values():
        looked = case.sight.looked.get(each.id, -math.inf)
        if each.adopt and looked < min(begun, case.now - FRESH_SECONDS):
            plan.want(FindContacts(case.lead, each.id), owner, Urgency.WRITE)
        own = chosen_id(case.lead)
        if case.sight.since((each.id, own), begun, case.now) is None:
            plan.want(FetchContact(case.lead, each.id, own), owner, Urgency.WRITE)


def _unknown(members: Sequence[Pending], case: Case, outlook: Outlook) -> list[Done]:
    """Reject *members*, but what took effect before the lead's contacts went."""
    return [
        each
        if each.pending.rejected or each.pending.wrote()
        else Done(each.pending, Verdict.REJECTED, Reason.UNKNOWN_LEAD)
        for each in finished(members, case, outlook)
    ]
