"""Say what of a belief the outcomes explain so far: a row may hold no more (decision 0004)."""

from collections.abc import Collection

from connector.domain.belief import Belief, ListBelief
from connector.domain.ids import ListId


def explained(belief: Belief, told: Belief, untold: Collection[str]) -> Belief:
    """Return *belief* as far as outcomes explain it.

    Lists in *untold* have effects of changes that wait still: they stay as *told* has them.
    """
    if not untold:
        return belief
    lists: dict[ListId, ListBelief] = {}
    for list_id, known in belief.lists.items():
        if list_id not in untold:
            lists[list_id] = known
        elif list_id in told.lists:
            lists[list_id] = told.lists[list_id]
    return belief.with_lists(lists)
