"""`docs/simulator.md` says what the simulator does today."""

import re
from pathlib import Path
from typing import get_args

import orjson
import pytest

from connector.simulator import paths_page
from connector.simulator.control import Control
from connector.simulator.fault_spec import FaultKind
from connector.simulator.seed import Behaviour, Limits, Seed, load, read
from connector.simulator.simulation import Simulation
from connector.simulator.violations import ViolationKind

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / paths_page.PAGE).read_text(encoding="utf-8")


def test_the_table_of_paths_is_fresh() -> None:
    """The page has the paths of `routes.py`; the mark above says how to write them anew."""
    assert paths_page.refreshed(PAGE) == PAGE


def test_a_page_without_a_place_for_the_table_is_told() -> None:
    """Where the marks are gone nothing is written over."""
    with pytest.raises(ValueError, match="put back the lines"):
        paths_page.refreshed("# The simulator\n")


@pytest.mark.parametrize("section", [Behaviour, Limits])
def test_switches_and_limits_are_described(section: type[Behaviour | Limits]) -> None:
    """Each stands in a table with the default that it has."""
    rows = dict(re.findall(r"^\| `(\w+)` \| `([\w.]+)` \|", PAGE, flags=re.MULTILINE))
    defaults = {name: str(field.default) for name, field in section.model_fields.items()}
    assert defaults.items() <= rows.items()


def test_faults_and_violations_are_described() -> None:
    """Each kind has a row of its own, or shares one."""
    cells = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| `[^|]*\|", PAGE, re.MULTILINE))))
    assert set(get_args(FaultKind)) <= cells
    assert {str(kind) for kind in ViolationKind} <= cells


def test_the_control_api_is_described() -> None:
    """Each call stands in the table, with every method."""
    told = set()
    for methods, path in re.findall(r"^\| `([A-Z`, ]+) /_control(/[^`?]*)", PAGE, re.MULTILINE):
        told |= {(method, path) for method in re.findall(r"[A-Z]+", methods)}
    routes = Control(Simulation(Seed(), lambda: 0.0)).routes()
    served = {(method, one.path) for one in routes for method in one.methods or ()}
    assert told == {(method, path) for method, path in served if method != "HEAD"}


def test_the_seed_of_the_page_can_be_loaded(tmp_path: Path) -> None:
    """Whoever copies the example begins with what it says."""
    example = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)
    assert len(example) == 1
    file = tmp_path / "simulator.toml"
    file.write_text(example[0], encoding="utf-8")
    seed = load(file)
    assert [len(each) for each in (seed.clients, seed.contact_lists, seed.campaigns)] == [1, 1, 1]
    assert seed.behaviour.search_lag_seconds == 2


def test_the_faults_of_the_page_can_be_armed() -> None:
    """The documents of the examples are faults."""
    examples = re.findall(r"curl -d '(.*?)' localhost", PAGE, flags=re.DOTALL)
    assert len(examples) == 3
    for one in examples:
        assert read({"faults": [orjson.loads(one)]}).faults
