"""The seed is validated whole, with the path of every problem."""

from pathlib import Path

import pytest

from connector.simulator.seed import SeedError, load, read
from tests.support.simulators import LIST, a_seed

CONTRACT = """
[[clients]]
client_id = "demo"
client_secret = "demo"
requests_per_minute = 300
[[contact_lists]]
id = "list-1"
name = "Leads"
columns = ["CRM_Lead_ID", "FirstName", "Mobile"]
phone_columns = ["Mobile"]
[[dnc_lists]]
id = "dnc-1"
name = "Do not call"
[[campaigns]]
id = "campaign-1"
name = "Spring"
contact_list = "list-1"
dnc_lists = ["dnc-1"]
status = "on"
always_running = false
[latency]
delay_ms = 20
jitter_ms = 5
[[faults]]
match = { method = "POST", path = "*/contacts", nth = 3 }
action = { kind = "status", status = 503, headers = { "Retry-After" = 2 } }
count = 1
"""


def test_contract_example_is_a_seed(tmp_path: Path) -> None:
    """The file that the contract shows is taken as it is."""
    path = tmp_path / "simulator.toml"
    path.write_text(CONTRACT, encoding="utf-8")
    seed = load(path)
    assert seed.clients[0].requests_per_minute == 300
    assert seed.contact_lists[0].columns == ("CRM_Lead_ID", "FirstName", "Mobile")
    assert seed.campaigns[0].status == "on"
    assert seed.latency.delay_ms == 20
    assert seed.faults[0].action.headers == {"Retry-After": 2}


def test_all_problems_come_at_once_and_without_the_secret() -> None:
    """Four mistakes are four lines, each with its path, and none shows a value."""
    document = a_seed(
        clients=[{"client_id": "demo", "client_secret": 12, "requests_per_minute": 0}],
        contact_lists=[{"id": "not an id", "name": "x", "columns": ["A"], "phone_columns": ["B"]}],
        campaign=[],
    )
    with pytest.raises(SeedError) as raised:
        read(document)
    paths = {line.split(":")[0] for line in raised.value.problems}
    assert paths == {
        "clients.0.client_secret",
        "clients.0.requests_per_minute",
        "contact_lists.0.id",
        "campaign",
    }


def _zoned(**zones: str) -> dict[str, object]:
    (plain,) = a_seed()["contact_lists"]
    return {**plain, "callable_time_columns": zones}


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ({"contact_lists": []}, f"no contact list {LIST}"),
        ({"dnc_lists": []}, "no DNC list"),
        ({"dnc_lists": [{"id": "x", "name": "x"}] * 2, "campaigns": []}, "dnc_lists: x is there"),
        (
            {
                "contact_lists": [
                    {"id": LIST, "name": "x", "columns": ["A", "A"], "phone_columns": ["A"]}
                ]
            },
            "columns names a column twice",
        ),
        (
            {
                "contact_lists": [
                    {"id": LIST, "name": "x", "columns": ["A"], "phone_columns": ["B"]}
                ]
            },
            "phone_columns names B",
        ),
        ({"contact_lists": [_zoned(Mobile="Zone")]}, "names Zone, no column"),
        ({"contact_lists": [_zoned(TimeZone="TimeZone")]}, "TimeZone is no phone column"),
        (
            {"contact_lists": [_zoned(Mobile="TimeZone") | {"automatic_time_zone_mapping": True}]},
            "not beside automatic_time_zone_mapping",
        ),
        ({"campaigns": [{"id": "c", "name": "c", "contact_list": LIST, "status": "On"}]}, "'on'"),
    ],
)
def test_parts_fit_each_other(parts: dict[str, object], text: str) -> None:
    """Ids that lead nowhere, repeated ids and unknown words are refused."""
    with pytest.raises(SeedError, match=text):
        read(a_seed(**parts))


@pytest.mark.parametrize(
    ("content", "text"), [(None, "cannot be read"), ("[[clients", "not TOML")]
)
def test_a_file_that_is_none_is_told(tmp_path: Path, content: str | None, text: str) -> None:
    """A missing or broken file is a problem with its path, not a traceback."""
    path = tmp_path / "simulator.toml"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(SeedError, match=text):
        load(path)
