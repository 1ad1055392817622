"""No code path takes a number off a DNC list, and only a person's command lifts an opt-out."""

import ast
from collections.abc import Iterator
from pathlib import Path

from connector.domain.command import BlockNumber
from connector.domain.ids import DncListId, LeadId, PhoneNumber
from connector.genesys.list_book import ListBook
from connector.genesys.requests import dnc_list_request, request
from connector.planning.batch import Batch, pool_of

PACKAGE = Path(__file__).parents[2] / "connector"
OURS = [
    path
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.parts[len(PACKAGE.parts)] not in {"simulator", "demo"}
]
"""All that runs beside the platform; the simulator is the platform."""


def _name(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def _trees() -> Iterator[tuple[str, ast.Module]]:
    for path in OURS:
        yield _name(path), ast.parse(path.read_text(encoding="utf-8"))


def _called(node: ast.AST) -> str | None:
    if not isinstance(node, ast.Call):
        return None
    return node.func.id if isinstance(node.func, ast.Name) else None


def _makers(what: str) -> set[str]:
    """Name the modules that make a *what*, or name it as a value to make one of."""
    return {
        name
        for name, tree in _trees()
        for node in ast.walk(tree)
        if (_called(node) == what)
        or (isinstance(node, ast.Dict) and what in {getattr(v, "id", "") for v in node.values})
    }


def test_one_module_knows_where_the_numbers_of_a_dnc_list_are() -> None:
    """Paths of DNC lists stand in one place, so that the next test sees all of them."""
    found = {
        name
        for name, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and ("/dnclists" in node.value or "/phonenumbers" in node.value)
    }
    assert found == {"genesys/requests.py"}


def _users(name: str) -> set[str]:
    """Name the functions of `genesys/requests.py` that use a name of it."""
    tree = ast.parse((PACKAGE / "genesys/requests.py").read_text(encoding="utf-8"))
    return {
        function.name
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        and any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(function))
    }


def test_numbers_of_a_dnc_list_are_only_ever_added() -> None:
    """Two functions make requests to a DNC list: one reads it, one posts numbers to it."""
    assert _users("_DNC_LISTS") == {"dnc_list_request", "_block"}
    block = BlockNumber(LeadId("7"), DncListId("d"), PhoneNumber("+12025550101"))
    requests = [
        dnc_list_request(DncListId("d")),
        request(Batch("b", pool_of(block), (block,)), ListBook({})),
    ]
    told = [(each.method, each.path.rpartition("/")[2], each.query) for each in requests]
    assert told == [("GET", "d", (("includeSize", "true"),)), ("POST", "phonenumbers", ())]


def test_only_a_command_makes_a_lift() -> None:
    """Beside the decoder of our own topics, nothing but what carries a person's word."""
    assert _makers("OptOutLift") == {"ops/person.py", "stream/lead_changes.py"}


def test_only_a_settled_lift_is_believed() -> None:
    """The state's lift comes of a lift that was settled, or of the row of one, or of the file in
    which one moved from another application's state.
    """
    assert _makers("LiftBelief") == {
        "planning/evolution.py",
        "stream/state_rows.py",
        "ops/opt_out_file.py",
    }
