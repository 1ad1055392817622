"""Answer the platform's paths over ASGI: read, take, wait, write."""

import asyncio
import logging

from starlette.types import Message, Receive, Scope, Send

from connector.simulator.call import Call, query_of
from connector.simulator.flights import Flight, Wire
from connector.simulator.platform import Reply, take
from connector.simulator.simulation import Simulation

_log = logging.getLogger(__name__)


class ConnectionBrokenError(ConnectionResetError):
    """Break off a request where there is no socket to break (an ASGI client in the process).

    Raised into that client, as a reset would be.
    """


class ClientLeft(Exception):  # noqa: N818 - not an error of anybody
    """Say that a client closed the connection before its request was read whole."""


class PlatformApp:
    """The ASGI application of the platform's own paths."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        wire: Wire | None = scope.get("state", {}).get("wire")
        flights = self._simulation.flights
        flight = flights.open(wire)
        try:
            await self._answer(scope, receive, send, flight)
        except ClientLeft:
            _log.debug("a client left before its request was read")
        finally:
            flights.close(flight)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, flight: Flight) -> None:
        simulation = self._simulation
        at = simulation.clock()
        body = await _body(receive, simulation.seed.behaviour.request_bytes)
        if flight.wire is not None:
            flight.wire.begun = None
        raw_query = scope["query_string"].decode("latin-1")
        call = Call(
            method=scope["method"],
            path=scope["raw_path"].decode("latin-1").partition("?")[0],
            raw_query=raw_query,
            query=query_of(raw_query) if raw_query else {},
            headers={
                name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
            },
            body=body,
            at=at,
            flight=flight,
        )
        reply = take(simulation.world, call)
        if reply.delay and await _left(receive, reply.delay):
            return
        simulation.flights.answer(flight)
        await _send(reply, receive, send, flight.wire)


async def _body(receive: Receive, limit: int) -> bytes:
    """Read a request whole; of one beyond the limit only as much as shows that it is."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        _still_there(message)
        return body
    pieces, size = [body], len(body)
    while message.get("more_body"):
        message = await receive()
        _still_there(message)
        if size <= limit:
            pieces.append(message.get("body", b""))
            size += len(pieces[-1])
    return b"".join(pieces)


def _still_there(message: Message) -> None:
    if message["type"] == "http.disconnect":
        raise ClientLeft


async def _left(receive: Receive, seconds: float) -> bool:
    """Wait; return early, and true, where the client closes the connection meanwhile."""
    try:
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                continue
    except TimeoutError:
        return False
    return True


async def _send(reply: Reply, receive: Receive, send: Send, wire: Wire | None) -> None:
    if reply.manner == "reset":
        await _break(wire, receive, reset=True)
        return
    content = reply.answer.content
    await send(
        {
            "type": "http.response.start",
            "status": reply.answer.status,
            "headers": _headers(reply),
        }
    )
    if reply.manner == "whole":
        await send({"type": "http.response.body", "body": content})
        return
    half = content[: len(content) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})
    await _break(wire, receive, reset=False)


async def _break(wire: Wire | None, receive: Receive, *, reset: bool) -> None:
    """Break the connection, and wait until the server has noticed: it logs less then."""
    if wire is None:
        raise ConnectionBrokenError("the simulator was told to break this connection")
    if reset:
        wire.reset()
    else:
        wire.cut()
    while (await receive())["type"] != "http.disconnect":
        continue


def _headers(reply: Reply) -> list[tuple[bytes, bytes]]:
    answer = reply.answer
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers
    ]
    given = {name for name, _ in headers}
    headers.append((b"inin-correlation-id", reply.correlation_id.encode()))
    if answer.content and b"content-type" not in given:
        headers.append((b"content-type", b"application/json"))
    if answer.status != 204 and b"content-length" not in given:  # noqa: PLR2004 - has no body
        headers.append((b"content-length", str(len(answer.content)).encode()))
    return headers
