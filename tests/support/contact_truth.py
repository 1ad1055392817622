"""One contact's truth: the row that it must hold, and the rows that it may hold."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class ContactTruth:
    """A contact as it must be. `foreign` is the id that the platform gave, else it is ours.

    `versions` are its rows by phase; `by` says who switched it off; `born` and `fell` are the
    phases of its insert by us and of its last quarantine that kept the row as it was; `doubted`
    are the rows that it may have held when it was written last.
    """

    data: dict[str, str]
    callable: bool = True
    foreign: str | None = None
    by: str | None = None
    called: bool = False
    refused: bool = False
    born: int | None = None
    fell: int | None = None
    off: int | None = None
    doubted: tuple[int, list[dict[str, str]]] = (-1, [])
    versions: list[tuple[int, dict[str, str]]] = field(default_factory=list)

    def write(self, phase: int, cells: dict[str, str]) -> bool:
        """Take a row over; tell whether it was another one."""
        data = self.data | cells
        if self.fell is not None:
            self.doubted = (phase, self.may_hold())
        self.fell = None
        if data == self.data:
            return False
        self.data = data
        self.versions.append((phase, data))
        return True

    def switch_off(self, phase: int) -> bool:
        """Quarantine it; tell whether it was callable."""
        if not self.callable:
            return False
        self.callable, self.by, self.off = False, "ours", phase
        return True

    def open(self, phase: int) -> None:
        """End a quarantine of ours; what may have been lacking is inserted now."""
        if self.may_lack:
            self.born = phase
        self.callable, self.by, self.off = True, None, None

    def may_hold(self) -> list[dict[str, str]]:
        """Give the rows that it may hold at the end.

        A quarantine that keeps the row as read may have overtaken rows of its own phase.
        """
        if self.fell is None:
            return [self.data]
        before = [data for phase, data in self.versions if phase < self.fell]
        doubted = self.doubted[1] if self.doubted[0] == self.fell else []
        since = [data for phase, data in self.versions if phase >= self.fell]
        return before[-1:] + doubted + since

    @property
    def may_lack(self) -> bool:
        """Whether it may never have been inserted: what switched it off came in time."""
        return not self.callable and self.born is not None and self.off == self.born
