"""Read what a person hands in: lines of `lead_id,number`, either of which may be empty."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import StringIO
from typing import TypeAlias

from connector.cdc.cells import Struct
from connector.cdc.lead_ids import lead_in
from connector.domain.ids import LeadId, PhoneNumber
from connector.domain.salesforce_id import long_form
from connector.settings.model import Settings
from connector.settings.source import SALESFORCE

ReadNumber: TypeAlias = Callable[[str], PhoneNumber | None]

_LEAD = "lead_id"
_HEADING = [_LEAD, "number"]
_CELLS = 2
_SHOWN = 20


class UnusableLinesError(Exception):
    """Lines that are none of the form, so nothing of the file is used. No text has content."""

    def __init__(self, problems: list[str]) -> None:
        more = len(problems) - _SHOWN
        self.problems = (*problems[:_SHOWN], *([f"and {more} more"] if more > 0 else ()))
        super().__init__("; ".join(self.problems))


@dataclass(frozen=True, slots=True)
class Line:
    """One line: `at` counts from 1, `bad` says that its number can be nobody's. No repr of it."""

    at: int
    lead: LeadId | None
    number: PhoneNumber | None = field(repr=False)
    bad: bool = False


def read_lines(
    data: bytes, name: str, read_number: ReadNumber, *, salesforce: bool
) -> tuple[Line, ...]:
    """Return the lines of *data*, empty ones and a heading left out; *name* is the file's.

    *salesforce* says that lead ids are those of its records; reports have them short.

    Raises:
        UnusableLinesError: it is no such file; all that is wrong at once.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnusableLinesError([f"{name}: is not UTF-8"]) from None
    lines: list[Line] = []
    problems: list[str] = []
    for at, cells in _rows(text):
        if len(cells) > _CELLS:
            problems.append(f"{name}: line {at} has {len(cells)} cells; lead_id,number are two")
            continue
        lead_text, number_text = (*cells, "")[:_CELLS]
        lead = read_lead(lead_text, salesforce=salesforce)
        if lead is None and lead_text:
            problems.append(f"{name}: line {at} has a lead id that none can be")
        elif lead is not None or number_text:
            number = read_number(number_text) if number_text else None
            lines.append(Line(at, lead, number, bad=bool(number_text) and number is None))
        else:
            problems.append(f"{name}: line {at} has neither a lead id nor a number")
    if not (lines or problems):
        problems.append(f"{name}: has no lines")
    if problems:
        raise UnusableLinesError(problems)
    return tuple(lines)


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(StringIO(text))
    for row in reader:
        cells = [cell.strip() for cell in row]
        if cells and (any(cells) or len(cells) > 1) and cells != _HEADING:
            yield reader.line_num, cells


def read_lead(text: str, *, salesforce: bool) -> LeadId | None:
    """Return the lead that a person names by *text*, None where no lead can have it."""
    lead = lead_in(Struct({_LEAD: text}), _LEAD)
    return long_form(lead) if lead is not None and salesforce else lead


def by_record_id(settings: Settings) -> bool:
    """Say whether every lead is named by the id of its record in Salesforce."""
    sources = [each for each in settings.sources.values() if each.role != "numbers"]
    return all(each.envelope == SALESFORCE and each.mapping.lead_id is None for each in sources)


def one_lead(text: str, *, salesforce: bool) -> tuple[Line, ...]:
    """Return the line that names a lead alone.

    Raises:
        UnusableLinesError: it can be no lead's id.
    """
    lead = read_lead(text, salesforce=salesforce)
    if lead is None:
        raise UnusableLinesError(["the lead id is none that a lead can have"])
    return (Line(1, lead, None),)
