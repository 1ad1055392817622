"""Read, post and commit with stock Faust: contender (b) of `throughput.py`.

    python -m benchmarks.stock_agent BOOTSTRAP TOPIC RECORDS URL NAME

An agent that takes 50 records, or what came within a second, and posts them with httpx; Faust
commits. No state, no outcome, no check of anything.
"""

import os
import sys
import tempfile
from typing import Any

import faust
import httpx
import orjson

from benchmarks.contender import BATCH, CONTACTS_PATH, HEADERS, Stopwatch, contact_of


def run(servers: str, topic: str, records: int, url: str, name: str) -> None:
    """Read *records* records, print what it took, and end the process."""
    app = faust.App(
        f"bench-stock-agent-{name}",
        broker=[f"kafka://{each}" for each in servers.split(",")],
        datadir=tempfile.mkdtemp(prefix="stock-"),
        topic_disable_leader=True,
        worker_redirect_stdouts=False,
        web_enabled=False,
    )
    source = app.topic(topic, value_serializer="json")
    client = httpx.AsyncClient(base_url=url, headers=HEADERS)
    watch = Stopwatch()

    @app.agent(source)  # type: ignore[untyped-decorator]  # Faust has no types
    async def post(stream: Any) -> None:
        left = records
        async for rows in stream.take(BATCH, within=1):
            watch.begin()
            body = orjson.dumps([contact_of(row) for row in rows])
            (await client.post(CONTACTS_PATH, content=body)).raise_for_status()
            left -= len(rows)
            if left <= 0:
                print(watch.told(), flush=True)
                os._exit(0)

    app.finalize()
    worker = faust.Worker(app, loglevel="ERROR", quiet=True, override_logging=False)
    worker.execute_from_commandline()


if __name__ == "__main__":
    run(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5])
