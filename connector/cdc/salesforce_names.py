"""Bring the spellings of a Salesforce field to one: the object's own name of it.

Change events say `Name.FirstName` and `Address.State` where users, reports and the object itself
say `FirstName` and `State`. Settings may use either (salesforce-cdc.md section 7).
"""

from collections.abc import Iterable

HEADER = "ChangeEventHeader"
"""The struct of an event that is no field of the object."""

_ADDRESS = "Address"
_CUSTOM = "__c"
_PARTS_OF_NAME = ("Salutation", "FirstName", "MiddleName", "LastName", "Suffix", "InformalName")
_PARTS_OF_ADDRESS = (
    "Street",
    "City",
    "State",
    "StateCode",
    "PostalCode",
    "Country",
    "CountryCode",
    "Latitude",
    "Longitude",
    "GeocodeAccuracy",
)


def own_name(path: str) -> str:
    """Return the object's own name of the field that *path* names, as events or users write it.

    A component of an address is `<prefix>Address.X` → `<prefix>X`, one of a custom compound
    `X__c.Y` → `X__Y__s`, one of any other compound is `Compound.X` → `X`.
    """
    compound, dot, part = path.partition(".")
    if not (compound and dot and part):
        return path
    if compound.endswith(_ADDRESS):
        return compound.removesuffix(_ADDRESS) + part
    if compound.endswith(_CUSTOM):
        return f"{compound.removesuffix(_CUSTOM)}__{part}__s"
    return part


def parts_of(compound: str, held: Iterable[str]) -> frozenset[str]:
    """Return the own names of what a *compound* is made of, none for a simple field.

    *held* are the components that a record has of it: those of a custom one are the org's.
    """
    if compound == "Name":
        parts: Iterable[str] = _PARTS_OF_NAME
    elif compound.endswith(_ADDRESS):
        parts = _PARTS_OF_ADDRESS
    else:
        parts = held if compound.endswith(_CUSTOM) else ()
    return frozenset(own_name(f"{compound}.{part}") for part in parts)
