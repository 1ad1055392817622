"""Count dead letters among the last records of one partition, and say when there are too many.

A CRM job that went wrong, or a mapping that no longer fits, makes most records of a topic
unreadable: then the topic must wait for a person, and not be emptied into the dead letters.
"""

from collections import Counter, deque
from dataclasses import dataclass

from connector.domain.reason import Reason

WINDOW = 1_000
"""Records that are looked at (contract.md section 3, `dead_letter_share`)."""


@dataclass(frozen=True, slots=True)
class Excess:
    """Too many letters: how many of the last *records*, and how many of them for *reason*, the
    most frequent one.
    """

    letters: int
    records: int
    reason: Reason
    of_reason: int


class LetterShare:
    """The last 1,000 records of one partition, counted from start or release.

    `share` is `brakes.dead_letter_share`, 0 to 1; 0 is off.
    """

    __slots__ = ("_letters", "_limit", "_records")

    def __init__(self, share: float) -> None:
        self._limit = round(share * WINDOW, 6) if share else float(WINDOW)
        self._records = 0
        self._letters: deque[tuple[int, Reason]] = deque()

    def take(self, reason: Reason | None) -> Excess | None:
        """Count a record, and what it is a letter for, if it is one; return an excess that it
        makes.
        """
        self._records += 1
        letters = self._letters
        if letters and letters[0][0] <= self._records - WINDOW:
            letters.popleft()
        if reason is None:
            return None
        letters.append((self._records, reason))
        if len(letters) <= self._limit:
            return None
        most, count = Counter(reason for _, reason in letters).most_common(1)[0]
        return Excess(len(letters), min(self._records, WINDOW), most, count)
