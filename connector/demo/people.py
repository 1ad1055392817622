"""Invent people for the CRM of the demo: clean names, numbers that are kept free for fiction."""

import random

_FIRST = (
    *("Aisha", "Amelia", "Andre", "Beatriz", "Caleb", "Carmen", "Daniel", "Elena", "Farid"),
    *("Grace", "Hannah", "Ibrahim", "Isabel", "Jamal", "Julia", "Kenji", "Leila", "Lucas"),
    *("Maria", "Mateo", "Nadia", "Noah", "Olivia", "Omar", "Priya", "Rosa", "Samuel", "Zoë"),
)
_LAST = (
    *("Adams", "Alvarez", "Bennett", "Castillo", "Chen", "Diaz", "Edwards", "Fischer"),
    *("Garcia", "Haddad", "Ito", "Jackson", "Kowalski", "Lopez", "Martin", "Nguyen"),
    *("Okafor", "Patel", "Quinn", "Reyes", "Schmidt", "Silva", "Tanaka", "Walker"),
)
_STATES = {
    "CA": "America/Los_Angeles",
    "WA": "America/Los_Angeles",
    "CO": "America/Denver",
    "TX": "America/Chicago",
    "IL": "America/Chicago",
    "NY": "America/New_York",
    "FL": "America/New_York",
}
_STYLES = ("+1{}5550{}", "({}) 555-0{}", "{}-555-0{}", "+1 {} 555 0{}")
_AREAS = 799
"""Area codes 201 .. 999."""


class People:
    """Give rows of people whom nobody knows; each number is given once."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._given = 0

    def row(self) -> dict[str, object]:
        """Invent the row of a new lead."""
        dice = self._dice
        first, last = dice.choice(_FIRST), dice.choice(_LAST)
        state = dice.choice(list(_STATES))
        return {
            "first_name": first,
            "last_name": last,
            "phone_mobile": self.number(),
            "phone_home": self.number() if dice.random() < 0.2 else None,  # noqa: PLR2004
            "email": f"{first}.{last}@example.com".lower(),
            "state": state,
            "time_zone": _STATES[state],
            "status": "NEW",
            "segment": dice.choice(("new", "new", "renewal")),
            "do_not_call": False,
            "score": dice.randrange(100),
        }

    def name(self) -> str:
        """Invent another last name, as after a wedding."""
        return self._dice.choice(_LAST) + "-" + self._dice.choice(_LAST)

    def number(self) -> str:
        """Give a number of 555-0100 .. 555-0199, which no one has, as people write them."""
        index, self._given = self._given, self._given + 1
        area, line = 201 + index % _AREAS, 100 + index // _AREAS
        return self._dice.choice(_STYLES).format(area, line)
