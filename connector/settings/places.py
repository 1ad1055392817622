"""Where in the file a source and the keys of its mapping stand."""

from collections.abc import Mapping
from dataclasses import dataclass

ONLY_SOURCE = "default"
"""Name of the source that `[source]` describes."""


@dataclass(frozen=True, slots=True)
class Places:
    """Knows the paths of what was put together from several sections."""

    single: bool
    """Whether the file has `[source]`."""
    own: Mapping[str, frozenset[str]]
    """The keys of the mapping that each source gives itself."""

    def source(self, name: str) -> str:
        """Give the path of a source."""
        return "source" if self.single else f"sources.{name}"

    def mapping(self, name: str, key: str) -> str:
        """Give the path of a key of a source's effective mapping."""
        return f"{self.source(name)}.mapping.{key}" if key in self.own[name] else f"mapping.{key}"
