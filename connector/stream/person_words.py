"""Keep in `A.control` who said by a command that somebody must not, or may again, be called.

The state has ids, digests and times only; a person's name and reason stand here
(docs/decisions/0009). A lift is found by its lead and its moment, which the lift row has too.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from connector.domain.ids import LeadId
from connector.stream.control import Control, ControlEntry
from connector.stream.moments import rfc3339

ADDED = "opt-outs-added"
LIFTED = "opt-out-lifted"


@dataclass(frozen=True, slots=True)
class Word:
    """Who said it, why, and when, in ms since 1970."""

    by: str
    reason: str
    at: int

    def document(self) -> dict[str, object]:
        """Return what every record about it has."""
        return {"by": self.by, "reason": self.reason, "at": rfc3339(self.at), "at_ms": self.at}


def added(word: Word, run: str, records: int) -> ControlEntry:
    """Return the record of one `opt-outs add`; *run* is a name that no other has."""
    return ControlEntry(ADDED, run, word.document() | {"records": records})


def lifted(word: Word, lead: LeadId) -> ControlEntry:
    """Return the record of a lift."""
    return ControlEntry(LIFTED, lead, word.document())


class Lifts:
    """Who lifted the opt-out of each lead last, as far as the topic was read."""

    __slots__ = ("_words",)

    def __init__(self, control: Control) -> None:
        self._words: dict[str, Word] = {}
        control.hears(LIFTED, self._hear)

    def of(self, lead: LeadId, at: int) -> Word | None:
        """Return the word behind the lift of *lead* at that moment, None where it is not known."""
        word = self._words.get(lead)
        return word if word is not None and word.at == at else None

    def _hear(self, entry: ControlEntry) -> None:
        word = None if entry.document is None else _word(entry.document)
        if word is None:
            self._words.pop(entry.name, None)
        else:
            self._words[entry.name] = word


def _word(document: Mapping[str, object]) -> Word | None:
    match document:
        case {"by": str(by), "reason": str(reason), "at_ms": int(at)}:
            return Word(by, reason, at)
        case _:
            return None
