"""Name what the writer's schema says of a struct, whatever the encoding that carried it."""

from collections.abc import Mapping
from typing import Protocol

from connector.cdc.cells import TextOf


class Shape(Protocol):
    """A struct's schema as its writer had it, which is not the one that was registered last."""

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the fields, in the writer's order."""
        ...

    @property
    def texts(self) -> Mapping[str, TextOf]:
        """Return the writers of those fields whose type alone tells how they are written."""
        ...

    def member(self, name: str) -> "Shape | None":
        """Return the shape of a field that is a struct itself, None for any other."""
        ...
