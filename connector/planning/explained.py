"""Say what of a belief the outcomes explain so far: a row may hold no more (decision 0004)."""

from collections.abc import Collection
from dataclasses import replace

from connector.domain.belief import Belief, ListBelief
from connector.domain.ids import ListId
from connector.planning.deferral import put_off

_UNKNOWN_LIST = ListBelief()


def explained(belief: Belief, told: Belief, untold: Collection[str]) -> Belief:
    """Return *belief* as far as outcomes explain it.

    Lists in *untold* have effects of changes that wait still: they stay as *told* has them, but
    for where the lead belongs and what was deferred, which no effect says but the changes that are
    told.
    """
    if not untold:
        return belief
    lists: dict[ListId, ListBelief] = {}
    for list_id, known in belief.lists.items():
        if list_id not in untold:
            lists[list_id] = known
        elif list_id in told.lists or known.routed or known.deferred:
            before = told.lists.get(list_id, _UNKNOWN_LIST)
            if known.deferred and not before.deferred:
                before = put_off(before)
            lists[list_id] = replace(before, routed=known.routed, deferred=known.deferred)
    return belief.with_lists(lists)
