"""Settings files for tests: a minimal one, and how a passage of it is changed."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from connector.settings.loading import load
from connector.settings.model import Settings
from connector.settings.problems import SettingsError

SECRET = "hunter2-never-to-be-seen"
MINIMAL = f"""
[kafka]
bootstrap_servers = "127.0.0.1:9092"
[source]
topics = ["crm.leads"]
envelope = "flat"
[mapping]
lead_id = "id"
[mapping.columns]
Mobile = "phone"
[mapping.phones]
Mobile = "cell"
[mapping.opt_out]
dnc = [true]
[genesys]
region = "us_east_1"
client_id = "client"
client_secret = "{SECRET}"
[lists.default]
contact_list = "list-1"
dnc_list = "dnc-1"
[state]
secret = "{SECRET}"
"""


def edited(old: str, new: str) -> str:
    """Give the minimal file with one passage changed."""
    assert old in MINIMAL
    return MINIMAL.replace(old, new)


def loaded(tmp_path: Path, text: str, environ: Mapping[str, str] | None = None) -> Settings:
    """Load a file of this text."""
    path = tmp_path / "connector.toml"
    path.write_text(text)
    return load(path, environ or {})


def problems(tmp_path: Path, text: str, environ: Mapping[str, str] | None = None) -> list[str]:
    """Give the lines that a person reads about a file of this text."""
    with pytest.raises(SettingsError) as refused:
        loaded(tmp_path, text, environ)
    return [str(problem) for problem in refused.value.problems]
