"""`connector check` and `topics create` against a broker and a simulator."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from confluent_kafka import Consumer

from tests.support.brokers import Broker
from tests.support.running import OWN_TOPICS, application
from tests.support.scene import flat_scene
from tests.support.simulators import Json, running_simulator
from tests.support.site import CLIENT_ID, CLIENT_SECRET, SECRETS, Site, SourceText
from tests.support.topics import create_topics
from tests.support.waiting import wait_until
from tests.support.worker import command, document

pytestmark = pytest.mark.kafka


def a_site(kafka: Broker, directory: Path) -> Site:
    """Describe a connector whose source topic is there, and whose own topics are not."""
    scene = flat_scene(f"{application()}-leads", None)
    source = SourceText([scene.topic], "flat")
    create_topics(kafka, [scene.topic], scene.partitions)
    return Site(directory, kafka.bootstrap_servers, application(), scene, [source])


def a_platform(site: Site, columns: Mapping[str, Sequence[str]] | None = None) -> Json:
    """Seed a simulator with what the site's settings name; *columns* replaces those of lists."""
    lists = [
        {
            "id": each.id,
            "name": f"Leads {each.name}",
            "columns": list((columns or {}).get(each.name, each.columns)),
            "phone_columns": list(each.phone_columns),
        }
        for each in site.scene.lists
    ]
    client = {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "requests_per_minute": 100_000,
    }
    dnc_lists = [{"id": dnc, "name": "Do not call"} for dnc in site.scene.dnc_lists]
    return {"clients": [client], "contact_lists": lists, "dnc_lists": dnc_lists}


@contextmanager
def against(site: Site, platform: Json) -> Iterator[None]:
    """Run the platform and point the site's settings at it."""
    with running_simulator(platform) as simulator:
        site.write(simulator.url)
        yield


def own_topics(site: Site) -> list[str]:
    """Name the connector's own topics."""
    return [name.format(site.application_id) for name in OWN_TOPICS]


def checks(site: Site, code: int) -> dict[str, tuple[str, str]]:
    """Run `check --json`; give the level and the detail of each check by name."""
    finished = command(site, "check", "--json")
    assert finished.returncode == code, finished.stdout + finished.stderr
    told = document(finished)
    assert isinstance(told, dict)
    assert told["ok"] is (code == 0)
    assert all(each["ok"] is (each["level"] != "fail") for each in told["checks"])
    assert not any(secret in finished.stdout + finished.stderr for secret in SECRETS)
    return {each["name"]: (each["level"], each["detail"]) for each in told["checks"]}


def test_a_whole_environment_passes(kafka: Broker, tmp_path: Path) -> None:
    """`topics create` makes what is missing, once; then every check is well and says so.

    The embedded broker makes no topics: there they are touched, and the control topic gets as
    many partitions as all others, which is found.
    """
    site = a_site(kafka, tmp_path)
    if not kafka.real:
        create_topics(kafka, own_topics(site))
        with against(site, a_platform(site)):
            found = checks(site, 3)
        failed = [name for name, (level, _) in found.items() if level != "ok"]
        assert failed == [f"topic {site.topic('control')}"]
        return
    with against(site, a_platform(site)):
        planned = document(command(site, "topics", "create", "--dry-run", "--json"))
        assert isinstance(planned, list)
        assert [each["exists"] for each in planned] == [False] * 6
        assert checks(site, 3)[f"topic {site.topic('outcomes')}"][0] == "fail"
        made = command(site, "topics", "create")
        assert made.returncode == 0, made.stderr
        assert made.stdout.splitlines()[-1] == "6 created, 0 were there."
        again = document(command(site, "topics", "create", "--json"))
        assert again == [each | {"exists": True} for each in planned]
        found = checks(site, 0)
        text = command(site, "check").stdout
    assert {level for level, _ in found.values()} == {"ok"}
    assert {f"topic {name}" for name in own_topics(site)} < set(found)
    assert len(text.splitlines()) == len(found)
    assert all(line.startswith("ok    ") for line in text.splitlines())


def test_the_plan_of_topics_is_the_contracts(kafka: Broker, tmp_path: Path) -> None:
    """Six topics, ours by partitions, the control topic with one; nothing is made."""
    site = a_site(kafka, tmp_path)
    with against(site, a_platform(site)):
        planned, again = (
            document(command(site, "topics", "create", "--dry-run", "--json")) for _ in range(2)
        )
    assert isinstance(planned, list)
    assert planned == again
    by_name = {each["name"]: each for each in planned}
    assert sorted(by_name) == sorted(own_topics(site))
    assert {each["exists"] for each in planned} == {False}
    counts = {name: each["partitions"] for name, each in by_name.items()}
    assert counts == dict.fromkeys(own_topics(site), 4) | {site.topic("control"): 1}
    changelog = by_name[f"{site.application_id}-lead-state-changelog"]
    assert changelog["config"]["cleanup.policy"] == "compact"
    assert by_name[site.topic("outcomes")]["config"]["retention.ms"] == str(30 * 86_400_000)
    assert changelog["replication_factor"] == 1
    assert {"name", "partitions", "replication_factor", "config", "exists"} == set(changelog)


def test_everything_that_is_wrong_is_named_at_once(kafka: Broker, tmp_path: Path) -> None:
    """Topics, a list, columns of another and a DNC list: all in one run, exit 3."""
    site = a_site(kafka, tmp_path)
    west = [column for column in site.scene.list_named("west").columns if column != "Status"]
    platform = a_platform(site, {"west": [*west, "status"]})
    platform["contact_lists"] = [
        each for each in platform["contact_lists"] if "east" not in each["name"]
    ]
    platform["dnc_lists"][0]["source"] = "gryphon"
    platform["dnc_lists"].pop()
    with against(site, platform):
        found = checks(site, 3)
        text = command(site, "check").stdout
    failed = {name for name, (level, _) in found.items() if level == "fail"}
    writable, gone = (f"dnc list {each}" for each in site.scene.dnc_lists)
    topics = {f"topic {name}" for name in own_topics(site)}
    assert failed == {*topics, "list east", "columns west", writable, gone}
    assert "connector topics create" in found[f"topic {site.topic('outcomes')}"][1]
    assert "no such list" in found["list east"][1]
    assert found["columns west"][1].endswith("has no column Status; the list has status")
    assert "filled by gryphon" in found[writable][1]
    assert "no such list" in found[gone][1]
    assert found["broker"][0] == found["credentials"][0] == found["list west"][0] == "ok"
    assert sum(line.startswith("FAIL") for line in text.splitlines()) == len(failed)


def test_a_time_zone_that_nobody_fills_is_refused(kafka: Broker, tmp_path: Path) -> None:
    """Where the list calls a mapped phone by it; a list without one, or with its own, is well."""
    site = a_site(kafka, tmp_path)
    web = site.scene.list_named("web")
    platform = a_platform(site, {"web": [*web.columns, "TimeZone"]})
    for each in platform["contact_lists"]:
        if "east" not in each["name"]:
            each["callable_time_columns"] = {"Mobile": "TimeZone"}
    with against(site, platform):
        found = checks(site, 3)
    level, detail = found["columns web"]
    assert level == "fail"
    assert "TimeZone is not mapped" in detail
    assert "Mobile" in detail
    assert found["columns west"][0] == found["columns east"][0] == "ok"


def test_topics_that_would_lose_data_are_refused(kafka: Broker, tmp_path: Path) -> None:
    """Another count of partitions and a compacted opt-out topic fail, another retention is told.

    The embedded broker has neither counts nor settings of its own.
    """
    site = a_site(kafka, tmp_path)
    create_topics(kafka, [site.topic("control")], 4)
    if kafka.real:
        create_topics(kafka, [site.topic("opt-outs")], 4, {"cleanup.policy": "compact"})
        create_topics(kafka, [site.topic("dead-letters")], 4, {"retention.ms": "3600000"})
    with against(site, a_platform(site)):
        found = checks(site, 3)
    level, detail = found[f"topic {site.topic('control')}"]
    assert level == "fail"
    assert "has 4 partitions" in detail
    if kafka.real:
        assert found[f"topic {site.topic('opt-outs')}"][0] == "fail"
        assert found[f"topic {site.topic('dead-letters')}"][0] == "warn"


@pytest.mark.parametrize(
    ("replace", "name", "words"),
    [
        ((CLIENT_SECRET, "another"), "credentials", "client_secret"),
        (("@platform", "http://127.0.0.1:9"), "credentials", "login_url"),
        (("@brokers", "127.0.0.1:9"), "broker", "kafka.bootstrap_servers"),
    ],
    ids=["wrong secret", "no platform", "no broker"],
)
def test_what_cannot_be_reached_is_told_with_what_to_look_at(
    kafka: Broker, tmp_path: Path, replace: tuple[str, str], name: str, words: str
) -> None:
    """The other half of the environment is checked all the same."""
    site = a_site(kafka, tmp_path)
    with running_simulator(a_platform(site)) as simulator:
        site.write(simulator.url)
        old, new = replace
        names = {"@platform": simulator.url, "@brokers": site.bootstrap_servers}
        text = site.settings.read_text().replace(names.get(old, old), new)
        site.settings.write_text(text)
        found = checks(site, 3)
    level, detail = found[name]
    assert level == "fail"
    assert words in detail
    assert found["broker" if name == "credentials" else "credentials"][0] == "ok"


@contextmanager
def member(site: Site) -> Iterator[None]:
    """Be in the consumer group, as a worker is."""
    consumer = Consumer(
        {"bootstrap.servers": site.bootstrap_servers, "group.id": site.application_id}
    )
    assigned: list[object] = []
    consumer.subscribe([site.scene.topic], on_assign=lambda _, places: assigned.extend(places))

    def joined() -> bool:
        consumer.poll(0.1)
        return bool(assigned)

    try:
        wait_until(joined, "a member of the group", 30)
        yield
    finally:
        consumer.close()


def test_beside_workers_that_cannot_be_told_the_platform_is_not_asked(
    kafka: Broker, tmp_path: Path
) -> None:
    """Its requests would be beyond the allowance; without workers they are not."""
    if not kafka.real:
        pytest.skip("the embedded broker does not tell who is in a group")
    site = a_site(kafka, tmp_path)
    with running_simulator(a_platform(site)) as simulator:
        site.write(simulator.url)
        with member(site):
            found = checks(site, 3)
        assert simulator.journal() == []
        level, detail = found["platform"]
        assert level == "fail"
        assert "workers run" in detail
        assert site.topic("control") in detail
        assert "credentials" not in found
        assert checks(site, 3)["credentials"][0] == "ok"


def test_a_phone_column_that_the_list_does_not_dial_is_a_warning(
    kafka: Broker, tmp_path: Path
) -> None:
    """A number in a plain column is stored and never called."""
    site = a_site(kafka, tmp_path)
    platform = a_platform(site)
    platform["contact_lists"][0]["phone_columns"] = ["Mobile"]
    with against(site, platform):
        level, detail = checks(site, 3)["columns west"]
    assert level == "warn"
    assert detail.startswith("Home is no phone column")


def test_a_campaign_without_our_dnc_list_fails_the_check(kafka: Broker, tmp_path: Path) -> None:
    """Exit 3, with the campaign, the list and what to do; attached, it is well."""
    site = a_site(kafka, tmp_path)
    west, east = (site.scene.list_named(name) for name in ("west", "east"))
    spring = "cccccccc-0000-4000-8000-000000000009"
    campaign = {"id": spring, "name": "Spring", "contact_list": west.id, "status": "on"}
    platform = a_platform(site) | {"campaigns": [campaign | {"dnc_lists": [east.dnc]}]}
    with running_simulator(platform) as simulator:
        site.write(simulator.url)
        if kafka.real:
            command(site, "topics", "create")
        level, detail = checks(site, 3)["campaigns west"]
        assert level == "fail"
        assert detail == (
            f"Spring ({spring}) is on without lists.west.dnc_list, and may dial numbers that opted "
            f"out; attach DNC list {west.dnc} to it"
        )
        text = command(site, "check").stdout
        assert [line for line in text.splitlines() if line.startswith("FAIL") and spring in line]
        simulator.attach(east.dnc, west.dnc, campaign_id=spring)
        level, detail = checks(site, 0 if kafka.real else 3)["campaigns west"]
        assert (level, detail) == ("ok", "Spring is on; all have lists.west.dnc_list attached")
        assert {each.method for each in simulator.journal() if "/campaigns" in each.path} == {
            "GET"
        }
