"""`docs/outcomes.md` names what the code and the schema have, each once and nothing else."""

import re
from enum import StrEnum
from pathlib import Path

import orjson
import pytest

from connector.domain.change import ChangeKind
from connector.domain.outcome import Action, LaneName
from connector.domain.reason import Reason, Verdict
from connector.registry.own_schemas import OUTCOME, schema_text

ROOT = Path(__file__).parents[2]
_PAGE = (ROOT / "docs" / "outcomes.md").read_text()
_SECTIONS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", _PAGE, re.MULTILINE | re.DOTALL))


def _rows(section: str) -> list[list[str]]:
    """Return the table of a section without its head, its cells trimmed."""
    lines = [line for line in _SECTIONS[section].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ("Changes", ChangeKind),
        ("Verdicts", Verdict),
        ("Reasons", Reason),
        ("Actions", Action),
        ("Lanes", LaneName),
    ],
)
def test_each_word_has_its_row(section: str, words: type[StrEnum]) -> None:
    """In the code's order, with every cell filled."""
    rows = _rows(section)
    assert [row[0] for row in rows] == [f"`{word}`" for word in words]
    assert all(len(row) > 1 and all(row) for row in rows)


def _fields(record: object, path: str = "") -> list[tuple[str, str]]:
    """Return each field's path and whether it may be null, as the page writes it."""
    assert isinstance(record, dict)
    found = []
    for each in record["fields"]:
        name, kind = f"{path}{each['name']}", each["type"]
        found.append((f"`{name}`", "yes" if isinstance(kind, list) else ""))
        inner = kind.get("items", kind) if isinstance(kind, dict) else None
        if isinstance(inner, dict) and "fields" in inner:
            found += _fields(inner, f"{name}.")
    return found


def test_each_field_has_its_row() -> None:
    """The fields of the schema in its order, and which may be null."""
    rows = _rows("Fields")
    assert [(row[0], row[1]) for row in rows] == _fields(orjson.loads(schema_text(OUTCOME)))
    assert all(row[2] for row in rows)
