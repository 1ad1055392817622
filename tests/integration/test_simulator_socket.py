"""Over a real socket: broken connections, requests in the air, starting and stopping."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import orjson
import pytest

from connector.simulator.seed import read
from connector.simulator.serve import CannotListenError, address, listen, serve
from tests.support.platform_in_process import CONTACTS, NUMBERS, a_contact, a_row
from tests.support.simulators import (
    CAMPAIGN,
    DNC,
    Simulator,
    a_seed,
    running_simulator,
    simulator_process,
)

NUMBER = "+15551230001"
ANN = a_contact("1", data=a_row("1", Mobile=NUMBER))


@pytest.fixture(scope="module")
def shared() -> Generator[Simulator, None, None]:
    """Run one simulator for all tests of this file."""
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
def simulator(shared: Simulator) -> Simulator:
    """Return the simulator with empty books."""
    shared.reset()
    shared.set_latency(0)
    return shared


@pytest.fixture
def client(simulator: Simulator) -> Generator[httpx.Client, None, None]:
    """Return a client that is logged in, with a pool of connections that are open already."""
    with httpx.Client(base_url=simulator.url, timeout=5) as http:
        answered = http.post(
            "/oauth/token", data={"grant_type": "client_credentials"}, auth=("demo", "demo")
        )
        http.headers["authorization"] = f"Bearer {answered.json()['access_token']}"
        yield http


def put(client: httpx.Client, contact: dict[str, object], timeout: float = 5) -> httpx.Response:
    """Replace a contact."""
    return client.put(f"{CONTACTS}/{contact['id']}", json=contact, timeout=timeout)


@pytest.mark.parametrize(
    ("kind", "applied", "error"),
    [
        ("reset_before", False, httpx.ReadError),
        ("reset_after_apply", True, httpx.ReadError),
        ("half_body", True, httpx.RemoteProtocolError),
    ],
)
@pytest.mark.parametrize("delay_ms", [0, 20])
def test_broken_connections(
    simulator: Simulator,
    client: httpx.Client,
    kind: str,
    applied: bool,  # noqa: FBT001 - a column of the table
    error: type[httpx.HTTPError],
    delay_ms: int,
) -> None:
    """The connection is really reset or cut; the journal tells what took effect."""
    simulator.arm({"path": CONTACTS}, {"kind": kind, "delay_ms": delay_ms}, count=1)
    with pytest.raises(error):
        client.post(CONTACTS, json=[ANN])
    assert len(simulator.contacts()) == applied
    line = simulator.journal()[-1]
    assert (line.applied, line.fault) == (applied, kind)
    assert client.post(CONTACTS, json=[ANN]).status_code == 200
    assert simulator.violations() == []


def test_a_reset_is_a_reset(simulator: Simulator) -> None:
    """The kernel of the client sees RST, not the polite end of a stream."""
    simulator.arm({}, {"kind": "reset_before"}, count=1)
    host, port = simulator.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as raw:
        raw.sendall(b"GET /api/v2/tokens/me HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            raw.recv(100)


def test_half_a_body_is_half_of_it(simulator: Simulator, client: httpx.Client) -> None:
    """The headers promise the whole, half arrives; an answer without a body gets one to halve."""
    simulator.arm({"path": NUMBERS}, {"kind": "half_body"}, count=1)
    with pytest.raises(httpx.RemoteProtocolError, match="received 1 bytes, expected 2"):
        client.post(NUMBERS, json=[NUMBER])
    assert simulator.dnc() == {NUMBER: None}


def test_a_delay_beyond_the_timeout_has_taken_effect(
    simulator: Simulator, client: httpx.Client
) -> None:
    """A client that gives up and repeats its write does not overlap itself."""
    client.post(CONTACTS, json=[ANN])
    simulator.arm({"method": "PUT"}, {"kind": "delay", "delay_ms": 2000}, count=1)
    changed = {**ANN, "data": a_row("1", Status="Open")}
    with pytest.raises(httpx.ReadTimeout):
        put(client, changed, timeout=0.05)
    assert simulator.contacts()[0]["data"]["Status"] == "Open"
    assert put(client, changed).status_code == 200
    assert simulator.violations() == []


def test_latency_and_delay_add_up(simulator: Simulator, client: httpx.Client) -> None:
    """Every answer takes its latency, and a delay comes on top."""
    simulator.set_latency(20, jitter_ms=1)
    simulator.arm({}, {"kind": "delay", "delay_ms": 30}, count=1)
    began = time.monotonic()
    assert client.post(CONTACTS, json=[ANN]).status_code == 200
    assert time.monotonic() - began >= 0.05


def test_writes_in_flight_at_once(simulator: Simulator, client: httpx.Client) -> None:
    """Two writes of one contact at once are seen; of two contacts they are not."""
    client.post(CONTACTS, json=[ANN, a_contact("2")])
    simulator.set_latency(50)
    with ThreadPoolExecutor(2) as pool:
        pool.map(lambda one: put(client, one), [ANN, a_contact("2")])
    assert simulator.violations() == []
    with ThreadPoolExecutor(2) as pool:
        pool.map(lambda one: put(client, one), [ANN, ANN])
    assert [one.kind for one in simulator.violations()] == ["overlapping_writes"]


def test_one_write_after_another_is_not_at_once(
    simulator: Simulator, client: httpx.Client
) -> None:
    """A client that waits for each answer, on whatever connection, overlaps nothing."""
    with httpx.Client(base_url=simulator.url, headers=client.headers) as other:
        for _ in range(100):
            assert client.post(CONTACTS, json=[ANN]).status_code == 200
            assert put(other, ANN).status_code == 200
            closing = {**client.headers, "connection": "close"}
            answered = other.put(f"{CONTACTS}/lead-1", json=ANN, headers=closing)
            assert answered.status_code == 200
    assert simulator.violations() == []


TOLD = {"kind": "status", "status": 429, "headers": {"Retry-After": 60}}


def test_a_429_is_heeded_at_once(simulator: Simulator, client: httpx.Client) -> None:
    """A client with one connection knows of the wait as soon as it has the answer."""
    simulator.arm({"method": "GET"}, TOLD, count=1)
    for n in range(20):
        client.get(f"{CONTACTS}/x")
        assert len(simulator.violations("inside_retry_after")) == n
    with httpx.Client(base_url=simulator.url, headers=client.headers) as other:
        client.close()
        other.get(f"{CONTACTS}/x")
    assert len(simulator.violations("inside_retry_after")) == 20


def test_a_429_needs_a_moment_to_reach_a_busy_client(
    simulator: Simulator, client: httpx.Client
) -> None:
    """What was in the air when the 429 was sent is innocent, and what crossed it on the way."""
    simulator.arm({"method": "GET"}, {**TOLD, "delay_ms": 60}, count=1)
    simulator.arm({"method": "PUT"}, {"kind": "delay", "delay_ms": 100})
    with ThreadPoolExecutor(2) as pool:
        flying = pool.submit(put, client, ANN)
        time.sleep(0.02)
        assert pool.submit(client.get, f"{CONTACTS}/x").result().status_code == 429
        assert client.get(f"{CONTACTS}/x").status_code == 404
        assert flying.result().status_code == 404
    assert simulator.violations() == []
    time.sleep(0.3)
    client.get(f"{CONTACTS}/x")
    assert [one.kind for one in simulator.violations()] == ["inside_retry_after"]


def test_an_insert_in_the_air_when_its_number_is_blocked(
    simulator: Simulator, client: httpx.Client
) -> None:
    """A write that began before the block was answered is innocent, the next is not."""
    simulator.opted_out(["1"])
    simulator.arm({"path": NUMBERS}, {"kind": "delay", "delay_ms": 80}, count=1)
    with ThreadPoolExecutor(1) as pool:
        block = pool.submit(client.post, NUMBERS, json=[NUMBER])
        time.sleep(0.02)
        client.post(CONTACTS, json=[ANN])
        assert block.result().status_code == 204
    assert simulator.violations() == []
    client.post(CONTACTS, json=[ANN])
    assert [one.kind for one in simulator.violations()] == ["callable_after_opt_out"]


def test_long_addresses_are_taken(client: httpx.Client) -> None:
    """250 ids of 100 characters fit into one address."""
    ids = [f"{n:03}".ljust(100, "x") for n in range(250)]
    assert client.delete(CONTACTS, params={"contactIds": ids}).status_code == 200


def test_a_body_in_pieces_beyond_the_limit(simulator: Simulator, client: httpx.Client) -> None:
    """A body that is too large is read to its end and refused, however it is sent."""
    pieces = (b"[" + b" " * 99_999 for _ in range(10))
    answered = client.post(CONTACTS, content=pieces)
    assert (answered.status_code, answered.json()["code"]) == (413, "request.entity.too.large")
    assert simulator.journal()[-1].status == 413


def test_support_gives_typed_control(simulator: Simulator, client: httpx.Client) -> None:
    """What tests use to steer does what it says."""
    put_there = simulator.put_contacts([{"data": a_row("7")}, {"data": a_row("7")}])
    assert [one["id"] for one in simulator.contacts_by_lead()["7"]] == [
        one["id"] for one in put_there
    ]
    patched = simulator.patch_contact(
        put_there[0]["id"], callable=False, call_records={"Mobile": {"lastResult": "x"}}
    )
    assert patched["callable"] is False
    simulator.set_campaign_status("complete")
    assert simulator.campaign(CAMPAIGN)["campaignStatus"] == "complete"
    simulator.arm({"nth": 2}, {"kind": "status", "status": 500})
    assert [one["met"] for one in simulator.faults()] == [0]
    simulator.disarm()
    assert simulator.faults() == []
    simulator.opted_out(["7"])
    simulator.lifted(["7"])
    assert simulator.dnc(DNC) == {}
    simulator.revoke_tokens()
    assert client.get(f"{CONTACTS}/x").status_code == 401


def test_a_process_stops_on_a_signal() -> None:
    """SIGTERM ends it with 0 and SIGINT with 130, also while an answer is held back."""
    program = (
        "import sys; from tests.support.simulators import a_seed;"
        "from connector.simulator.seed import read; from connector.simulator.serve import serve;"
        "sys.exit(serve('127.0.0.1', 0, read(a_seed(latency={'delay_ms': 30_000})),"
        " lambda url: print(url, flush=True)))"
    )
    for sent, code in ((signal.SIGTERM, 0), (signal.SIGINT, 130)):
        with subprocess.Popen(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            url = process.stdout.readline().decode().strip()
            with httpx.Client(base_url=url) as client:
                with pytest.raises(httpx.ReadTimeout):
                    client.get("/api/v2/tokens/me", timeout=0.1)
                with ThreadPoolExecutor(1) as pool:
                    held = pool.submit(client.get, "/api/v2/tokens/me", timeout=20)
                    while len(client.get("/_control/journal").json()) < 2:
                        time.sleep(0.01)
                    process.send_signal(sent)
                    assert process.wait(10) == code
                    assert process.communicate() == (b"", b"")
                    with pytest.raises(httpx.HTTPError):
                        held.result()


def test_a_simulator_in_a_process_of_its_own(tmp_path: Path) -> None:
    """The support for tests that need one runs it from a seed file."""
    seed = a_seed(clients=[{"client_id": "a", "client_secret": "b", "requests_per_minute": 1}])
    with simulator_process(tmp_path, seed) as simulator:
        grant = {"grant_type": "client_credentials"}
        for status in (200, 429):
            answered = httpx.post(f"{simulator.url}/oauth/token", data=grant, auth=("a", "b"))
            assert answered.status_code == status
        assert [one.kind for one in simulator.violations("over_quota")] == ["over_quota"]
    assert read(orjson.loads((tmp_path / "simulator.seed.json").read_bytes())) == read(seed)


def test_an_address_that_is_taken() -> None:
    """A port that somebody else has is told with what to do."""
    with listen("127.0.0.1", 0) as first:
        port = int(address(first).rsplit(":", 1)[1])
        with pytest.raises(CannotListenError, match="give another --host or --port"):
            serve("127.0.0.1", port, read({}), print)
