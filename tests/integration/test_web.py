"""The worker's HTTP over a real socket: what each path answers, who may ask, how it stops."""

import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from connector.stream.health import Compliance, Fact, Health
from connector.stream.web import Listen, ListenError, Web
from connector.telemetry.metrics import Metrics

PATHS = ("/health/live", "/health/ready", "/health/worker", "/metrics")


@asynccontextmanager
async def serving(token: str | None = None) -> AsyncIterator[tuple[httpx.AsyncClient, Health]]:
    """Serve on a free port of the loopback; give a client and the health that is served."""
    health = Health(lambda: 0.0)
    web = Web(health, Metrics({}, "1").render, Listen("127.0.0.1", 0, token))
    await web.start()
    try:
        async with httpx.AsyncClient(base_url=f"http://{web.address}", trust_env=False) as client:
            yield client, health
    finally:
        await web.stop()


async def test_health_says_what_is_missing() -> None:
    """503 with a line for each missing thing, 200 once nothing is."""
    async with serving() as (client, health):
        live, ready = await client.get("/health/live"), await client.get("/health/ready")
        assert (live.status_code, live.json()) == (
            200,
            {"ok": True, "missing": [], "warnings": []},
        )
        assert ready.status_code == 503
        assert [line.split(":")[0] for line in ready.json()["missing"]] == [
            "group",
            "partitions",
            "state",
            "platform",
        ]
        assert (await client.get("/health/worker")).status_code == 503
        for fact in Fact:
            health.has(fact)
        health.warns("opt-outs", "2 wait, the oldest for 75 s")
        assert [(await client.get(path)).status_code for path in PATHS] == [200] * 4
        ready = await client.get("/health/ready")
        assert ready.json()["warnings"] == ["opt-outs: 2 wait, the oldest for 75 s"]
        assert "compliance" not in ready.json()


async def test_the_compliance_health_has_its_own_line() -> None:
    """Whether all is well, how old the oldest is, and what that is."""
    async with serving() as (client, health):
        health.complies(Compliance(well=False, seconds=75.24, line="2 wait"))
        ready = await client.get("/health/ready")
        assert ready.json()["compliance"] == {"ok": False, "seconds": 75.2, "line": "2 wait"}
        assert "compliance" not in (await client.get("/health/live")).json()


async def test_metrics_are_served_as_prometheus_reads_them() -> None:
    """The text form, with its content type."""
    async with serving() as (client, _):
        answer = await client.get("/metrics")
        assert answer.headers["content-type"].startswith("text/plain; version=")
        assert 'connector_build_info{version="1"} 1.0' in answer.text


async def test_nothing_else_is_there_and_nothing_can_be_changed() -> None:
    """An unknown path is 404, anything but reading 405."""
    async with serving() as (client, _):
        assert (await client.get("/")).status_code == 404
        assert (await client.get("/health/other")).status_code == 404
        assert (await client.post("/health/live")).status_code == 405
        assert (await client.delete("/metrics")).status_code == 405


async def test_the_token_is_asked_for_everything_but_health() -> None:
    """Without it, or with another, 401; health never asks."""
    async with serving("right-token") as (client, _):
        assert (await client.get("/health/live")).status_code == 200
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "right-token"}):
            refused = await client.get("/metrics", headers=headers)
            assert refused.status_code == 401
            assert refused.headers["www-authenticate"] == "Bearer"
            assert "connector_" not in refused.text
        headers = {"Authorization": "Bearer right-token"}
        assert (await client.get("/metrics", headers=headers)).status_code == 200


async def test_the_worker_keeps_its_signals() -> None:
    """Serving neither takes SIGTERM and SIGINT nor leaves a trace of itself when it stops."""
    before = [signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)]
    async with serving() as (client, _):
        during = [signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)]
        address = str(client.base_url)
    assert during == before
    async with httpx.AsyncClient(base_url=address, trust_env=False) as late:
        with pytest.raises(httpx.ConnectError):
            await late.get("/health/live")


async def test_an_address_that_is_taken_is_named() -> None:
    """Two workers on one machine: the second says which setting to change."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        web = Web(Health(lambda: 0.0), Metrics({}, "1").render, Listen("127.0.0.1", port))
        with pytest.raises(ListenError, match=rf"ops\.listen: 127\.0\.0\.1:{port}"):
            await web.start()
        await web.stop()


def test_an_address_is_written_as_people_do() -> None:
    """IPv6 in brackets, and no token in what is printed."""
    assert str(Listen("::1", 80)) == "[::1]:80"
    assert "secret" not in repr(Listen("::1", 80, "secret"))
