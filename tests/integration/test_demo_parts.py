"""The demo's broker, settings and books, each against the real thing."""

import tomllib
from pathlib import Path

import httpx
import pytest

from connector.demo.crm_day import crm_day
from connector.demo.crm_table import Kind
from connector.demo.embedded import EmbeddedBroker, Follower
from connector.demo.places import DNC_LIST, LISTS, Places
from connector.demo.platform_books import PlatformBooks
from connector.demo.processes import Process, ProcessFailedError
from connector.simulator.seed import load
from tests.support.simulators import running_simulator

DAY = crm_day(3, 1_795_000_000_000)


def test_records_come_back_from_the_embedded_broker_in_order_of_each_lead() -> None:
    """What is written to it is read from it, and every record has its own coordinates."""
    broker = EmbeddedBroker()
    broker.make(["t.records"])
    records = [r for r in DAY.day if r.value is not None and r.kind is not Kind.BROKEN]
    ids = broker.write("t.records", records)
    assert len(set(ids)) == len(records)
    follower = Follower(broker.address, "t.records")
    positions: dict[str, list[int]] = {}
    while sum(map(len, positions.values())) < len(records):
        for document in follower.documents(5):
            source, row = document["source"], document["after"] or document["before"]
            assert isinstance(source, dict)
            assert isinstance(row, dict)
            positions.setdefault(row["lead_id"], []).append(source["lsn"])
    follower.close()
    assert all(found == sorted(found) for found in positions.values())


def test_the_files_of_the_demo_hold_what_their_readers_take(tmp_path: Path) -> None:
    """The simulator takes its file; the connector's names the same lists; secrets stay inside."""
    places = Places(tmp_path, "127.0.0.1:1", 8_123)
    seed = load(places.write_simulator())
    settings = tomllib.loads(places.write_connector("http://127.0.0.1:9").read_text())
    assert {each.id for each in seed.contact_lists} == set(LISTS.values())
    assert {each["contact_list"] for each in settings["lists"].values()} == set(LISTS.values())
    assert settings["state"]["secret"] not in repr(places)
    assert settings["genesys"]["client_secret"] not in repr(places)


def test_the_books_are_read_as_the_simulator_keeps_them(tmp_path: Path) -> None:
    """Loaded contacts, blocked leads and violations are found over the control API."""
    seed = load(Places(tmp_path, "127.0.0.1:1", 8_123).write_simulator())
    with running_simulator(seed.model_dump(mode="json", exclude={"clients"})) as simulator:
        reader = PlatformBooks(simulator.url)
        loaded = reader.load(DAY.loaded)
        assert len(loaded) == len(DAY.loaded)
        books = reader.books(loaded, DAY.numbers)
        assert {contact.id for contact in books.contacts} == loaded
        assert all(contact.callable for contact in books.contacts)
        assert (books.blocked, books.rows_written, books.violations) == (frozenset(), 0, 0)
        answer = httpx.get(f"{simulator.url}/_control/dnc/{DNC_LIST}", timeout=5)
        assert answer.json() == []


def test_a_process_that_ends_is_told_with_its_last_words(tmp_path: Path) -> None:
    """The demo does not wait for what has failed, and shows the end of its log."""
    process = Process("simulator", ["no-such-command"], tmp_path)
    with pytest.raises(ProcessFailedError, match=r"(?s)the simulator ended with 2.*no-such-comm"):
        process.address()
    process.kill()


def test_the_simulator_stops_when_asked(tmp_path: Path) -> None:
    """A process of the demo says its address, and ends with 0."""
    places = Places(tmp_path, "127.0.0.1:1", 8_123)
    words = ["simulator", "--port", "0", "--config", str(places.write_simulator())]
    process = Process("simulator", words, tmp_path)
    assert PlatformBooks(process.address()).requests(0) == (0, 0)
    process.demand_alive()
    process.stop(20)
