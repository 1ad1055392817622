"""Know which leads have opted out, to see who makes them callable again."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from connector.simulator.flights import Flight


@dataclass(slots=True)
class _Armed:
    since: int
    quarantines: list[Flight] = field(default_factory=list)


class OptOuts:
    """Hold the leads that tests say will opt out, and what clients did about them.

    Such a lead counts as opted out once a number of it was added to a DNC list, or a contact of
    it was made uncallable, by a client and after it was armed. A write that had begun before
    that was answered is not held against anyone.
    """

    def __init__(self) -> None:
        self._armed: dict[str, _Armed] = {}
        self._added: dict[str, list[Flight]] = {}

    @property
    def quiet(self) -> bool:
        """Whether no lead opts out."""
        return not self._armed

    def arm(self, leads: Iterable[str], tick: int) -> None:
        """Say that these leads opt out, from now on."""
        for lead in leads:
            self._armed.setdefault(lead, _Armed(tick))

    def disarm(self, leads: Iterable[str] | None) -> None:
        """Say that these leads (None: all) may be called again."""
        if leads is None:
            self._armed.clear()
            return
        for lead in leads:
            self._armed.pop(lead, None)

    def number_added(self, number: str, flight: Flight) -> None:
        """Note that a request put a number on a DNC list."""
        self._added.setdefault(number, []).append(flight)

    def made_uncallable(self, lead: str, flight: Flight) -> None:
        """Note that a request made a contact of a lead uncallable."""
        armed = self._armed.get(lead)
        if armed is not None:
            armed.quarantines.append(flight)

    def opted_out(self, lead: str, numbers: Iterable[str], flight: Flight) -> bool:
        """Return whether a lead counted as opted out when a request began."""
        armed = self._armed.get(lead)
        if armed is None:
            return False
        if any(one.ended < flight.begun for one in armed.quarantines):
            return True
        return any(
            armed.since < one.ended < flight.begun
            for number in numbers
            for one in self._added.get(number, ())
        )
