"""A client that behaves is never blamed, whatever goes wrong around it."""

import asyncio
import random
from pathlib import Path

import httpx

from tests.support.platform_in_process import CONTACTS, a_contact, a_row
from tests.support.simulators import Simulator, simulator_process

LANES, ROUNDS = 10, 25
WRONG: tuple[tuple[str, dict[str, object]], ...] = (
    ("reset_before", {}),
    ("reset_after_apply", {}),
    ("half_body", {}),
    ("malformed_json", {}),
    ("apply_partially", {}),
    ("delay", {"delay_ms": 400}),
    ("status", {"status": 503}),
    ("status", {"status": 504, "apply": True}),
    ("status", {"status": 409}),
)


class CarefulClient:
    """Writes each contact in order, repeats what is unknown, and waits as told, for all lanes."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.shut_until = 0.0
        self.repeats = 0

    async def write(self, contacts: list[dict[str, object]]) -> None:
        """Post contacts until every one of them is in the answer."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(max(0.0, self.shut_until - loop.time()))
            if loop.time() < self.shut_until:
                continue
            try:
                answered = await self.http.post(CONTACTS, json=contacts)
                if answered.status_code == 429:
                    seconds = float(answered.headers["retry-after"])
                    self.shut_until = max(self.shut_until, loop.time() + seconds)
                elif answered.is_success and len(answered.json()) == len(contacts):
                    return
            except (httpx.HTTPError, ValueError):
                pass  # unknown: repeated below
            self.repeats += 1


async def work(simulator: Simulator) -> tuple[dict[str, str], int]:
    """Write some contacts many times over; return what they should hold, and the repeats."""
    wanted: dict[str, str] = {}
    async with httpx.AsyncClient(base_url=simulator.url, timeout=0.2) as http:
        login = await http.post(
            "/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=("demo", "demo"),
            timeout=10,
        )
        http.headers["authorization"] = f"Bearer {login.json()['access_token']}"
        client = CarefulClient(http)

        async def lane(name: int) -> None:
            dice = random.Random(name)
            for version in range(ROUNDS):
                leads = [f"{name}-{n}" for n in range(dice.randint(1, 5))]
                rows = [a_contact(one, data=a_row(one, Status=str(version))) for one in leads]
                await client.write(rows)
                wanted.update(dict.fromkeys(leads, str(version)))

        await asyncio.gather(*(lane(name) for name in range(LANES)))
    return wanted, client.repeats


def test_faults_alone_are_no_violation(tmp_path: Path) -> None:
    """Resets, timeouts, half answers and 429s: the books end right, and nothing is held."""
    with simulator_process(tmp_path) as simulator:
        for seed, (kind, more) in enumerate(WRONG):
            match = {"path": CONTACTS, "probability": 0.02, "seed": seed}
            simulator.arm(match, {"kind": kind, **more})
        told = {"kind": "status", "status": 429, "headers": {"Retry-After": 1}}
        simulator.arm({"path": CONTACTS, "every": 80}, told, count=2)
        simulator.set_latency(1, jitter_ms=5)
        wanted, repeats = asyncio.run(work(simulator))
        held = {one["data"]["CRM_Lead_ID"]: one["data"]["Status"] for one in simulator.contacts()}
        assert held == wanted
        assert repeats > 10
        assert simulator.violations() == []
        journal = simulator.journal()
        assert [line.n for line in journal] == list(range(1, len(journal) + 1))
        assert len(journal) == 1 + LANES * ROUNDS + repeats
