"""Say where a lead stands by a change: on which lists, disqualified or not, gone or not."""

from dataclasses import dataclass

from connector.domain.belief import Belief, ListBelief
from connector.domain.change import LeadQuarantine, LeadUpsert
from connector.domain.ids import ListId
from connector.planning.conditions import any_known
from connector.planning.policy import ListPolicy, Policy
from connector.planning.routes import belongs_as_named, routes

_UNKNOWN_LIST = ListBelief()


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a lead stands: the lists *here* are those where it belongs."""

    here: frozenset[ListId]
    disqualified: bool
    deleted: bool


def standing(change: LeadUpsert | LeadQuarantine, belief: Belief, policy: Policy) -> Standing:
    """Return where the lead stands once *change* is in effect.

    A whole row says all. What a partial change does not name is as the state has it: the lead
    stays on its lists, stays disqualified, and stays deleted (design.md section 4).
    """
    fields = change.row.fields
    disqualified = isinstance(change, LeadQuarantine)
    if change.row.whole:
        return Standing(routes(fields, policy), disqualified, deleted=False)
    if not disqualified:
        rule = policy.sources[policy.source_of(change.origin)].quarantine
        known = any_known(rule, fields) if rule else None
        disqualified = belief.disqualified if known is None else known
    here = [
        each.id
        for each in policy.lists.values()
        if (_stays(each, belief) if (named := belongs_as_named(fields, each)) is None else named)
    ]
    return Standing(frozenset(here), disqualified, belief.deleted)


def _stays(each: ListPolicy, belief: Belief) -> bool:
    """Say whether the lead is on a list now, for a rule that the change leaves open.

    Where no row of the lead was ever routed, its contact says so: others loaded it.
    """
    known = belief.lists.get(each.id, _UNKNOWN_LIST)
    return known.routed or (bool(known.contacts) and (not belief.marks or belief.deleted))
