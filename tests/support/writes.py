"""Read from the simulator's journal in which order the rows of a contact were written."""

from collections.abc import Iterable, Iterator

from pydantic import JsonValue

from tests.support.control import JournalLine

STEP = "Step"
"""The column that counts a lead's rows; the invented CRM raises it with each edit."""


def out_of_order(journal: Iterable[JournalLine]) -> list[str]:
    """Name each write of a contact that came after one of a later row, by the same worker.

    A worker that follows a killed one may write a row again that it cannot know to be written;
    tokens tell workers apart.
    """
    highest: dict[tuple[str | None, str], int] = {}
    wrong = []
    for line in journal:
        if not line.applied:
            continue
        for contact, step in _rows(line):
            key = (line.token, contact)
            if step < highest.get(key, -1):
                wrong.append(f"request {line.n}: {contact} step {step} after {highest[key]}")
            highest[key] = max(step, highest.get(key, -1))
    return wrong


def _rows(line: JournalLine) -> Iterator[tuple[str, int]]:
    """Give contact and step of each row that a request wrote; its path names the list."""
    *_, list_id, word = line.path.split("/")
    if line.method == "POST" and word == "contacts" and isinstance(line.body, list):
        for entry in line.body:
            yield from _row(list_id, entry)
    elif line.method == "PUT" and "/contacts/" in line.path:
        yield from _row(line.path.split("/")[-3], line.body)


def _row(list_id: str, entry: JsonValue) -> Iterator[tuple[str, int]]:
    if not isinstance(entry, dict) or not isinstance(entry.get("data"), dict):
        return
    data = entry["data"]
    assert isinstance(data, dict)
    step = data.get(STEP)
    if isinstance(step, str) and step.isdigit():
        yield f"{list_id}/{entry.get('id')}", int(step)
