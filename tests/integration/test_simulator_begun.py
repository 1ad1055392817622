"""What lies in the kernel has begun: nobody is blamed for what was sent before an answer."""

import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import ExitStack

import httpx
import orjson
import pytest

from tests.support.platform_in_process import CONTACTS, NUMBERS, a_contact, a_row
from tests.support.simulators import Simulator, running_simulator

NUMBER = "+15551230001"
ANN = a_contact("1", data=a_row("1", Mobile=NUMBER), callable=True)
TOLD = {"kind": "status", "status": 429, "headers": {"Retry-After": 60}}


@pytest.fixture(scope="module")
def shared() -> Generator[Simulator, None, None]:
    """Run one simulator for all tests of this file."""
    with running_simulator() as simulator:
        yield simulator


class RawClient:
    """A client that writes its requests to sockets itself, and so knows what has left."""

    def __init__(self, simulator: Simulator) -> None:
        grant = {"grant_type": "client_credentials"}
        answered = httpx.post(
            f"{simulator.url}/oauth/token", data=grant, auth=("demo", "demo")
        ).json()
        self._bearer = answered["access_token"]
        host, port = simulator.url.removeprefix("http://").split(":")
        self._address = (host, int(port))
        self._open = ExitStack()

    def connect(self) -> socket.socket:
        """Open a connection; it stands once this returns, accepted or not."""
        return self._open.enter_context(socket.create_connection(self._address, timeout=10))

    def served(self) -> socket.socket:
        """Open a connection that the simulator serves already."""
        wire = self.connect()
        self.send(wire, "GET", "/api/v2/tokens/me")
        assert self.status(wire) == 200
        return wire

    def send(self, wire: socket.socket, method: str, path: str, body: object = None) -> None:
        """Write a whole request; it lies in the kernel once this returns."""
        content = b"" if body is None else orjson.dumps(body)
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self._bearer}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        wire.sendall(head.encode() + content)

    def status(self, wire: socket.socket) -> int:
        """Read the answer; return its status."""
        response = b""
        while b"\r\n\r\n" not in response:
            response += wire.recv(65_536)
        head, _, body = response.partition(b"\r\n\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        missing = int(fields.get(b"content-length", b"0")) - len(body)
        while missing > 0:
            missing -= len(wire.recv(missing))
        return int(head.split(b" ", 2)[1])

    def close(self) -> None:
        """Close every connection."""
        self._open.close()


@pytest.fixture
def simulator(shared: Simulator) -> Simulator:
    """Return the simulator with empty books."""
    shared.reset()
    return shared


@pytest.fixture
def client(simulator: Simulator) -> Generator[RawClient, None, None]:
    """Return a client that is logged in."""
    raw = RawClient(simulator)
    yield raw
    raw.close()


def test_a_write_in_the_accept_queue_when_its_number_is_blocked(
    simulator: Simulator, client: RawClient
) -> None:
    """Writes on connections that nobody had accepted when the block was answered are innocent."""
    simulator.opted_out(["1"])
    first = client.served()
    with simulator.busy():
        client.send(first, "POST", NUMBERS, [NUMBER])
        others = [client.connect() for _ in range(5)]
        for other in others:
            client.send(other, "POST", CONTACTS, [ANN])
    assert client.status(first) == 204
    assert [client.status(other) for other in others] == [200] * 5
    assert [line.path for line in simulator.journal()[-6:-4]] == [NUMBERS, CONTACTS]
    assert simulator.violations("callable_after_opt_out") == []
    late = client.connect()
    client.send(late, "POST", CONTACTS, [ANN])
    assert client.status(late) == 200
    assert len(simulator.violations("callable_after_opt_out")) == 1


def test_a_request_in_the_accept_queue_when_a_429_leaves(
    simulator: Simulator, client: RawClient
) -> None:
    """A request on a connection that nobody had accepted when the 429 left is innocent."""
    first = client.served()
    simulator.arm({"nth": 1}, TOLD, count=1)
    with simulator.busy():
        client.send(first, "GET", f"{CONTACTS}/x")
        other = client.connect()
        client.send(other, "GET", f"{CONTACTS}/y")
    assert (client.status(first), client.status(other)) == (429, 404)
    assert simulator.violations() == []
    first.close()
    other.close()
    late = client.connect()
    client.send(late, "GET", f"{CONTACTS}/z")
    assert client.status(late) == 404
    assert [one.kind for one in simulator.violations()] == ["inside_retry_after"]


def test_a_write_in_the_kernel_when_an_agent_disables_the_contact(
    simulator: Simulator, client: RawClient
) -> None:
    """A write that had begun before an agent disabled the contact does not re-enable it."""
    first = client.served()
    client.send(first, "POST", CONTACTS, [ANN])
    assert client.status(first) == 200
    agent = client.served()
    with simulator.busy():
        path = CONTACTS.replace("/api/v2/outbound/contactlists", "/_control/contacts")
        path = f"{path.removesuffix('/contacts')}/lead-1"
        client.send(agent, "PATCH", path, {"callable": False})
        other = client.connect()
        client.send(other, "POST", CONTACTS, [ANN])
    assert (client.status(agent), client.status(other)) == (200, 200)
    assert simulator.contacts()[0]["callable"] is True
    assert simulator.violations("re_enabled") == []


def test_a_connection_without_a_request_has_not_begun(
    simulator: Simulator, client: RawClient
) -> None:
    """A connection that stands when the block is answered excuses nothing that comes later."""
    simulator.opted_out(["1"])
    first = client.served()
    with simulator.busy():
        client.send(first, "POST", NUMBERS, [NUMBER])
        other = client.connect()
    assert client.status(first) == 204
    client.send(other, "POST", CONTACTS, [ANN])
    assert client.status(other) == 200
    assert len(simulator.violations("callable_after_opt_out")) == 1


def test_more_connections_than_files() -> None:
    """Where the process has no file left it says so, waits, and serves again once there is one."""
    program = (
        "import resource, sys; from tests.support.simulators import a_seed;"
        "from connector.simulator.seed import read; from connector.simulator.serve import serve;"
        "few = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40));"
        "sys.exit(serve('127.0.0.1', 0, read(a_seed()),"
        " lambda url: (few(), print(url, flush=True))))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        host, port = url.removeprefix("http://").split(":")
        with ExitStack() as many:
            for _ in range(60):
                many.enter_context(socket.create_connection((host, int(port)), timeout=10))
            with pytest.raises(httpx.ReadTimeout):
                httpx.get(f"{url}/api/v2/tokens/me", timeout=0.3)
        assert httpx.get(f"{url}/api/v2/tokens/me", timeout=10).status_code == 401
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        _, said = process.communicate()
        assert "raise the limit of open files" in said
        assert "Traceback" not in said
