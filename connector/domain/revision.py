"""Hold the source's own ordering token of a change."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the source's log, comparable only with places of the same `kind`.

    `kind` names the log and its unit (`lsn`, `binlog`, `gtid:<domain>`, …); `at` is compared as a
    tuple, most significant number first.
    """

    kind: str
    at: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Revision:
    """The ordering token of one change; what the source does not tell is None.

    `position` and `commit_time` (ms since 1970) are of streamed changes only: snapshot rows and
    tombstones have neither (design.md section 4, rule 3). `named` is the value of the column that
    the settings name as `mapping.revision`; it takes the place of both. `snapshot` marks a row
    that was read, not a change that was made: it proves no consent.
    """

    position: Position | None = None
    commit_time: int | None = None
    named: str | None = None
    snapshot: bool = False

    @property
    def text(self) -> str | None:
        """Return the token as the outcome shows it."""
        if self.named is not None:
            return self.named
        if self.position is not None:
            return ":".join((self.position.kind, *map(str, self.position.at)))
        return None if self.commit_time is None else str(self.commit_time)


NO_REVISION = Revision()
