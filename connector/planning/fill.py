"""Say how full a contact list is, and when that wants a person. Pure."""

from enum import IntEnum

MOST_CONTACTS = 1_000_000
"""Contacts that the platform takes on one list (genesys-api.md section 3.4)."""


class Alarm(IntEnum):
    """How loud a list's fill is; the number is the percentage from which on it is so."""

    NONE = 0
    FILLING = 80
    NEARLY_FULL = 95


def fill(contacts: int, most: int = MOST_CONTACTS) -> float:
    """Return which share of its room a list of *contacts* has used."""
    return contacts / most


def alarm(contacts: int, most: int = MOST_CONTACTS) -> Alarm:
    """Return how loud a list of *contacts* is."""
    return max(each for each in Alarm if 100 * contacts >= each * most)
