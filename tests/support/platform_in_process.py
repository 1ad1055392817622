"""Drive the simulator in the process, over ASGI, with a clock that tests move."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
from starlette.applications import Starlette

from connector.simulator.app import build
from connector.simulator.seed import read
from tests.support.simulators import CLIENT, COLUMNS, DNC, LIST, a_seed

START = 1_790_000_000.0  # some moment in 2026
CONTACTS = f"/api/v2/outbound/contactlists/{LIST}/contacts"
NUMBERS = f"/api/v2/outbound/dnclists/{DNC}/phonenumbers"


class MovingClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        """Return the present."""
        return self.now


class Platform:
    """One client of the simulator, logged in, and the control API beside it."""

    def __init__(self, app: Starlette, http: httpx.AsyncClient, clock: MovingClock) -> None:
        self.app = app
        self.http = http
        self.clock = clock

    async def log_in(self) -> str:
        """Take a new token and use it from now on."""
        answered = await self.http.post(
            "/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(CLIENT["client_id"], CLIENT["client_secret"]),
        )
        token: str = answered.json()["access_token"]
        self.http.headers["authorization"] = f"Bearer {token}"
        return token

    async def control(self, method: str, path: str, document: object = None) -> Any:
        """Call the control API, which must succeed."""
        answered = await self.http.request(method, f"/_control{path}", json=document)
        assert answered.status_code == 200, answered.text
        return answered.json()

    async def violations(self) -> list[str]:
        """Return the kinds of what is held against the client, in order."""
        return [one["kind"] for one in await self.control("GET", "/violations")]

    async def contact(self, contact_id: str) -> Any:
        """Return one contact from the books."""
        found = await self.control("GET", f"/contacts/{LIST}")
        return next(one for one in found if one["id"] == contact_id)

    async def add(self, *contacts: Mapping[str, object], **query: str) -> httpx.Response:
        """Post contacts."""
        return await self.http.post(CONTACTS, json=list(contacts), params=query)

    async def put(self, contact: Mapping[str, object]) -> httpx.Response:
        """Replace a contact."""
        return await self.http.put(f"{CONTACTS}/{contact['id']}", json=contact)


@asynccontextmanager
async def in_process(seed: Mapping[str, object] | None = None) -> AsyncGenerator[Platform, None]:
    """Run the simulator in the process, with a client that is logged in."""
    clock = MovingClock()
    app = build(read(dict(seed) if seed is not None else a_seed()), clock)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://simulator") as http:
        platform = Platform(app, http, clock)
        await platform.log_in()
        yield platform


def a_row(lead: str, **cells: str) -> dict[str, str]:
    """Return the data of a lead with every column of the list; unnamed ones are empty."""
    return {**dict.fromkeys(COLUMNS, ""), "CRM_Lead_ID": lead, **cells}


def a_contact(lead: str, **fields: object) -> dict[str, object]:
    """Return a contact as a client writes it; its id is made from the lead."""
    return {"id": f"lead-{lead}", "contactListId": LIST, "data": a_row(lead), **fields}


def code_of(answered: httpx.Response) -> tuple[int, str]:
    """Return the status and the platform's code of a refusal."""
    return answered.status_code, answered.json()["code"]
