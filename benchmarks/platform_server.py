"""Serve the least of the platform that a worker needs, without latency, and count what comes.

    python -m benchmarks.platform_server

Prints its address. A process of its own, on a bare asyncio protocol: an ASGI server would cost
more than what it serves. `GET /counts` tells the requests by kind and the contacts of each
insert, `DELETE /counts` forgets them. It checks nothing: the simulator does that elsewhere.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import cast

import orjson
import uvloop

LIST_ID = "1f1a5f5e-6d2c-4f0e-9c7b-0d0f5a1b2c3d"
SECOND_LIST_ID = "3f1a5f5e-6d2c-4f0e-9c7b-0d0f5a1b2c3d"
DNC_LIST_ID = "2f1a5f5e-6d2c-4f0e-9c7b-0d0f5a1b2c3d"
COLUMNS = ("CRM_Lead_ID", "FirstName", "LastName", "Mobile", "Home", "TimeZone", "Status", "Email")

_CONTACTS = f"/api/v2/outbound/contactlists/{LIST_ID}/contacts"
_LIST = {
    "id": LIST_ID,
    "name": "Leads",
    "columnNames": COLUMNS,
    "phoneColumns": [
        {"columnName": "Mobile", "type": "cell"},
        {"columnName": "Home", "type": "home"},
    ],
}
_DNC_LIST = {"id": DNC_LIST_ID, "name": "Do not call", "dncSourceType": "rds"}


@dataclass(slots=True)
class Books:
    """What was asked: requests by kind, and how many contacts each insert carried."""

    contacts: dict[str, bytes] = field(default_factory=dict)
    requests: Counter[str] = field(default_factory=Counter)
    sizes: Counter[int] = field(default_factory=Counter)

    def answer(self, method: str, path: str, body: bytes) -> bytes:
        """Do what was asked; return the body of the answer."""
        if path == _CONTACTS and method == "POST":
            return self._post(body)
        if path == f"{_CONTACTS}/bulk":
            self.requests["read"] += 1
            known = (self.contacts.get(each) for each in orjson.loads(body))
            return b"[" + b",".join(each for each in known if each is not None) + b"]"
        if method == "PUT":
            self.requests["put"] += 1
            self.contacts[path.rpartition("/")[2]] = body
            return body
        if path.endswith("/phonenumbers"):
            self.requests["block"] += 1
            return b""
        return self._described(method, path)

    def _post(self, body: bytes) -> bytes:
        contacts = orjson.loads(body)
        self.requests["post"] += 1
        self.sizes[len(contacts)] += 1
        for each in contacts:
            self.contacts[each.get("id", "")] = orjson.dumps(each)
        return body

    def _described(self, method: str, path: str) -> bytes:
        if path == "/counts":
            told = {"requests": self.requests, "sizes": [*self.sizes.items()]}
            body = orjson.dumps(told)
            if method == "DELETE":
                self.requests.clear()
                self.sizes.clear()
                self.contacts.clear()
            return body
        if path == "/oauth/token":
            return orjson.dumps({"access_token": "of-the-benchmark", "expires_in": 86_400})
        return orjson.dumps(_DNC_LIST if "/dnclists/" in path else _LIST)


class Connection(asyncio.Protocol):
    """One kept-alive HTTP/1.1 connection; requests come one after another."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._came = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is of no such class

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        self._came += data
        while (end := self._came.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._came[:end])
            length = _length(head)
            if len(self._came) < end + 4 + length:
                return
            body = bytes(self._came[end + 4 : end + 4 + length])
            del self._came[: end + 4 + length]
            method, target, _ = head.split(b" ", 2)
            path = target.partition(b"?")[0].decode()
            self._answer(self._books.answer(method.decode(), path, body))

    def _answer(self, body: bytes) -> None:
        if self._transport is None:
            raise RuntimeError("an answer before its connection")
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        self._transport.write(head.encode() + b"\r\n\r\n" + body)


def _length(head: bytes) -> int:
    lowered = head.lower()
    at = lowered.find(b"content-length:")
    return 0 if at < 0 else int(lowered[at + 15 :].partition(b"\r\n")[0])


async def serve() -> None:
    """Serve on a free loopback port until cancelled."""
    books = Books()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(books), "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    print(f"http://{host}:{port}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve())
