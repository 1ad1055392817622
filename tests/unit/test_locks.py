"""The locks: hashed, without addresses, and of what pyproject.toml asks for."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-sdk.lock")


def pins(lock: str) -> dict[str, str]:
    """Give the version of each package of a lock."""
    text = (ROOT / lock).read_text()
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", text, flags=re.MULTILINE))


def asked_for(*groups: str) -> set[str]:
    """Name what pyproject.toml asks for; `project` are the dependencies of the package itself."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    known = {"project": project["project"]["dependencies"], **project["dependency-groups"]}
    needs = [need for group in groups for need in known[group]]
    return {re.split(r"[\[<>=!~ ]", need)[0].lower() for need in needs}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_carries_hashes_and_no_address(lock: str) -> None:
    """It installs from whatever index a machine uses, and from no other bytes."""
    lines = (ROOT / lock).read_text().splitlines()
    assert not [line for line in lines if "://" in line or line.startswith("--")]
    entries = [line for line in lines if line and not line.startswith(("#", " "))]
    assert entries
    assert all(line.endswith(" \\") for line in entries)
    assert len(entries) == len(pins(lock))


def test_the_locks_hold_what_is_asked_for() -> None:
    """Running needs the package's dependencies and its build; developing all of it."""
    run, dev = pins(LOCKS[0]), pins(LOCKS[1])
    assert asked_for("project", "build") <= run.keys()
    assert asked_for("project", "build", "dev") <= dev.keys()
    assert run.items() <= dev.items()


def test_the_official_sdk_changes_nothing_that_is_installed() -> None:
    """Its lock stands apart, and what it shares with the others has the same version."""
    dev, sdk = pins(LOCKS[1]), pins(LOCKS[2])
    assert asked_for("sdk") <= sdk.keys()
    assert not asked_for("sdk") & dev.keys()
    shared = dev.keys() & sdk.keys()
    assert shared
    assert {name: dev[name] for name in shared} == {name: sdk[name] for name in shared}
