"""Say who gets the next slot where several wait for one."""

from collections.abc import Collection

from connector.domain.command import Urgency


class Turns:
    """Whose turn it is. Pure, but for what it remembers of the slot before.

    The most urgent first, with one exception: what numbers passed over gets the slot after theirs
    if it is compliance. Else each opt-out's number would take a slot of its own for as long as
    opt-outs come faster than slots, and no contact would be quarantined meanwhile; numbers that
    wait for one slot more share their request, so they lose nothing but that slot.
    """

    __slots__ = ("_passed_over",)

    def __init__(self) -> None:
        self._passed_over = False

    def next(self, waiting: Collection[Urgency]) -> Urgency:
        """Return whose turn it is of those *waiting*, at least one."""
        if self._passed_over and Urgency.COMPLIANCE in waiting:
            return Urgency.COMPLIANCE
        return min(waiting)

    def took(self, urgency: Urgency, waiting: Collection[Urgency]) -> None:
        """Note who got the slot, out of those who were *waiting* for it."""
        self._passed_over = urgency is Urgency.BLOCK and Urgency.COMPLIANCE in waiting
