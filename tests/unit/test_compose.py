"""The files that docker-compose.yml mounts; the composition itself needs a container engine."""

import re
import tomllib
from pathlib import Path

from connector.settings.loading import load

ROOT = Path(__file__).parents[2]
MOUNTED = ROOT / "deploy" / "compose"


def test_the_worker_s_settings_load() -> None:
    """They are good with and without what the composition puts into the environment."""
    environ = {"CONNECTOR_OPS__TOKEN": "t", "CONNECTOR_STATE__SECRET": "s"}
    assert load(MOUNTED / "connector.toml", environ) != load(MOUNTED / "connector.toml", {})


def test_the_simulator_has_what_the_worker_asks_for() -> None:
    """Client, lists and columns of both files agree."""
    settings = load(MOUNTED / "connector.toml", {})
    books = tomllib.loads((MOUNTED / "simulator.toml").read_text())
    entry = settings.lists["default"]
    [platform_list] = books["contact_lists"]
    assert platform_list["id"] == entry.contact_list
    assert set(platform_list["columns"]) == {"CRM_Lead_ID", *settings.mapping.columns}
    assert platform_list["phone_columns"] == list(settings.mapping.phones)
    assert [each["id"] for each in books["dnc_lists"]] == list(settings.dnc_lists)
    assert books["clients"][0]["client_id"] == settings.genesys.client_id
    secret = settings.genesys.client_secret.get_secret_value()
    assert books["clients"][0]["client_secret"] == secret


def test_the_broker_is_the_one_that_the_tests_run_on() -> None:
    """The image has the version of the jars that `make kafka` fetches."""
    pom = (ROOT / "tests" / "support" / "kafka" / "pom.xml").read_text()
    compose = (ROOT / "docker-compose.yml").read_text()
    versions = set(re.findall(r"image: apache/kafka:(\S+)", compose))
    assert versions == set(re.findall(r"kafka_2\.13</artifactId>\s*<version>(.*?)<", pom))
