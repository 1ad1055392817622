"""Run the simulator for tests, in a thread or as a process, and steer it.

`running_simulator(seed)` is the quick one (a thread on a loopback socket); use
`simulator_process(seed)` where the test needs the processor for itself or kills things.
Both give a `Simulator`, whose methods are the control API with types.
"""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import orjson
import uvloop

from connector.simulator.seed import Seed, read
from connector.simulator.serve import address, listen, server

LIST = "aaaaaaaa-0000-4000-8000-000000000001"
DNC = "bbbbbbbb-0000-4000-8000-000000000001"
CAMPAIGN = "cccccccc-0000-4000-8000-000000000001"
COLUMNS = ("CRM_Lead_ID", "FirstName", "LastName", "Mobile", "Home", "TimeZone", "Status")
CLIENT = {"client_id": "demo", "client_secret": "demo"}

Json = dict[str, Any]  # what the control API answers; tests compare it with literals


def a_seed(**parts: object) -> Json:
    """Return a seed document: one client, list, DNC list and campaign; `parts` replace."""
    return {
        "clients": [{**CLIENT, "requests_per_minute": 100_000}],
        "contact_lists": [
            {
                "id": LIST,
                "name": "Leads",
                "columns": list(COLUMNS),
                "phone_columns": ["Mobile", "Home"],
            }
        ],
        "dnc_lists": [{"id": DNC, "name": "Do not call"}],
        "campaigns": [
            {
                "id": CAMPAIGN,
                "name": "Spring",
                "contact_list": LIST,
                "dnc_lists": [DNC],
                "status": "on",
            }
        ],
        **parts,
    }


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One line of the journal, as section 6 of the contract names its fields."""

    n: int
    at: float
    method: str
    path: str
    query: Mapping[str, str]
    token: str | None
    body: Any
    status: int | None
    answer: Any
    applied: bool
    client: str | None
    fault: str | None
    correlation_id: str


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing held against the client."""

    n: int
    kind: str
    detail: str


class Simulator:
    """A running simulator; `url` is its address. Close it, or use it in a `with`.

    `loop` is its event loop where it runs in a thread of this process.
    """

    def __init__(self, url: str, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self.url = url
        self.loop = loop
        self.http = httpx.Client(base_url=url, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.http.close()

    def reset(self, seed: Mapping[str, object] | None = None) -> None:
        """Empty the books; take the seed, or the one of the start again."""
        content = orjson.dumps(dict(seed)) if seed is not None else b""
        self._control("POST", "/reset", content)

    def journal(self, since: int = 0) -> list[JournalLine]:
        """Return the requests after number `since`."""
        return [JournalLine(**line) for line in self._control("GET", f"/journal?since={since}")]

    def contacts(self, list_id: str = LIST) -> list[Json]:
        """Return the contacts of a list."""
        found: list[Json] = self._control("GET", f"/contacts/{list_id}")
        return found

    def contacts_by_lead(self, list_id: str = LIST) -> dict[str, list[Json]]:
        """Return the contacts of a list by their `CRM_Lead_ID`."""
        found: dict[str, list[Json]] = {}
        for contact in self.contacts(list_id):
            found.setdefault(contact["data"]["CRM_Lead_ID"], []).append(contact)
        return found

    def put_contacts(self, contacts: Sequence[Json], list_id: str = LIST) -> list[Json]:
        """Put contacts there as another loader would; each needs `data`, may have `callable`."""
        put: list[Json] = self._control(
            "POST", f"/contacts/{list_id}", orjson.dumps(list(contacts))
        )
        return put

    def patch_contact(
        self,
        contact_id: str,
        *,
        callable: bool | None = None,  # noqa: A002 - the API's name
        call_records: Json | None = None,
        list_id: str = LIST,
    ) -> Json:
        """Change a contact as an agent or the dialler would."""
        patch: Json = {}
        if callable is not None:
            patch["callable"] = callable
        if call_records is not None:
            patch["callRecords"] = call_records
        patched: Json = self._control(
            "PATCH", f"/contacts/{list_id}/{contact_id}", orjson.dumps(patch)
        )
        return patched

    def dnc(self, list_id: str = DNC) -> dict[str, str | None]:
        """Return the numbers of a DNC list with their expirations."""
        return {one["number"]: one["expires"] for one in self._control("GET", f"/dnc/{list_id}")}

    def campaign(self, campaign_id: str = CAMPAIGN) -> Json:
        """Return a campaign."""
        found: Json = self._control("GET", f"/campaigns/{campaign_id}")
        return found

    def set_campaign_status(self, status: str, campaign_id: str = CAMPAIGN) -> None:
        """Change the status of a campaign as the dialler would."""
        self._control(
            "PATCH", f"/campaigns/{campaign_id}", orjson.dumps({"campaignStatus": status})
        )

    def attach(self, *dnc_lists: str, campaign_id: str = CAMPAIGN) -> None:
        """Give a campaign these DNC lists and no others, as an administrator would."""
        lists = {"dncLists": [{"id": each} for each in dnc_lists]}
        self._control("PATCH", f"/campaigns/{campaign_id}", orjson.dumps(lists))

    def arm(self, match: Json, action: Json, count: int | None = None) -> None:
        """Arm a fault, as in section 6 of the contract."""
        fault: Json = {"match": match, "action": action}
        if count is not None:
            fault["count"] = count
        self._control("POST", "/faults", orjson.dumps(fault))

    def faults(self) -> list[Json]:
        """Return the armed faults, with how many requests each has `met` and `fired` at."""
        armed: list[Json] = self._control("GET", "/faults")
        return armed

    def disarm(self) -> None:
        """Disarm all faults."""
        self._control("DELETE", "/faults")

    def set_latency(self, delay_ms: float, jitter_ms: float = 0, seed: int = 0) -> None:
        """Set how long every answer takes."""
        latency = {"delay_ms": delay_ms, "jitter_ms": jitter_ms, "seed": seed}
        self._control("PUT", "/latency", orjson.dumps(latency))

    def opted_out(self, lead_ids: Iterable[str]) -> None:
        """Say that these leads opt out from now on."""
        self._control("POST", "/opted_out", orjson.dumps({"lead_ids": list(lead_ids)}))

    def lifted(self, lead_ids: Iterable[str]) -> None:
        """Say that these leads may be called again."""
        self._control("DELETE", "/opted_out", orjson.dumps({"lead_ids": list(lead_ids)}))

    def revoke_tokens(self) -> None:
        """Take all tokens back."""
        self._control("DELETE", "/tokens")

    def violations(self, kind: str | None = None) -> list[Violation]:
        """Return the violations, of one kind or all."""
        all_ = [Violation(**one) for one in self._control("GET", "/violations")]
        return [one for one in all_ if kind is None or one.kind == kind]

    @contextmanager
    def busy(self) -> Generator[None, None, None]:
        """Keep its event loop from everything: what clients send meanwhile waits in the kernel."""
        assert self.loop is not None, "only a simulator in a thread can be kept busy"
        held, released = threading.Event(), threading.Event()

        def hold() -> None:
            held.set()
            released.wait(30)

        self.loop.call_soon_threadsafe(hold)
        assert held.wait(10), "the event loop does not come round"
        try:
            yield
        finally:
            released.set()

    def _control(self, method: str, path: str, content: bytes = b"") -> Any:
        answered = self.http.request(method, f"/_control{path}", content=content)
        assert answered.status_code == 200, f"{method} {path}: {answered.text}"
        return orjson.loads(answered.content)


@contextmanager
def running_simulator(
    seed: Mapping[str, object] | None = None,
) -> Generator[Simulator, None, None]:
    """Run a simulator in a thread, on a free loopback port."""
    started = threading.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    def on_started() -> None:
        loops.append(asyncio.get_running_loop())
        started.set()

    with listen("127.0.0.1", 0) as listening:
        serving = server(_seed(seed), on_started)
        thread = threading.Thread(
            target=lambda: uvloop.run(serving.serve(sockets=[listening])), name="simulator"
        )
        thread.start()
        try:
            assert started.wait(10), "the simulator did not start"
            with Simulator(address(listening), loops[0]) as simulator:
                yield simulator
        finally:
            serving.should_exit = True
            thread.join()


@contextmanager
def simulator_process(
    directory: Path, seed: Mapping[str, object] | None = None
) -> Generator[Simulator, None, None]:
    """Run a simulator as a process of its own; its seed file lies in `directory`."""
    path = directory / "simulator.seed.json"
    path.write_bytes(orjson.dumps(dict(seed if seed is not None else a_seed())))
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(path.resolve())],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    try:
        url = process.stdout.readline().strip()
        assert url, f"the simulator ended with {process.wait(10)} before it listened"
        with Simulator(url) as simulator:
            yield simulator
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def _seed(document: Mapping[str, object] | None) -> Seed:
    return read(dict(document) if document is not None else a_seed())


_PROGRAM = """
import sys
from pathlib import Path
import orjson
from connector.simulator.seed import read
from connector.simulator.serve import serve
seed = read(orjson.loads(Path(sys.argv[1]).read_bytes()))
sys.exit(serve("127.0.0.1", 0, seed, lambda url: print(url, flush=True)))
"""
