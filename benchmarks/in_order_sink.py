"""Read, post and commit one record after another, within an allowance: what a sink does today.

    python -m benchmarks.in_order_sink BOOTSTRAP TOPIC RECORDS URL CLIENT REQUESTS_PER_MINUTE

The loop of `bare_loop.py` with a token, and a pause before each request so that the allowance
holds. An opt-out is a contact that is not callable, in the batch that its record falls into; no
number goes to a DNC list. Its last line says when each was accepted.
"""

import json
import sys
import time

import httpx
import orjson
from confluent_kafka import Consumer

from benchmarks.contender import BATCH, CONTACTS_PATH, contact_of

MARGIN = 2
"""Requests of each minute that are left: the server counts them when they arrive."""


def run(servers: str, topic: str, records: int, url: str, client: str, allowance: int) -> None:
    """Read *records* records; print when the platform had accepted which opt-out."""
    consumer = Consumer(
        {
            "bootstrap.servers": servers,
            "group.id": "bench-in-order-sink",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    consumer.subscribe([topic])
    pause = 60 / (allowance - MARGIN)
    accepted: dict[str, float] = {}
    left, next_slot = records, 0.0
    with httpx.Client(base_url=url, timeout=30) as http:
        token = http.post(
            "/oauth/token", data={"grant_type": "client_credentials"}, auth=(client, client)
        )
        http.headers["Authorization"] = f"Bearer {token.raise_for_status().json()['access_token']}"
        while left > 0:
            messages = consumer.consume(BATCH, timeout=1.0)
            if not messages:
                continue
            contacts = [contact_of(orjson.loads(each.value() or b"")) for each in messages]
            time.sleep(max(0.0, next_slot - time.monotonic()))
            next_slot = time.monotonic() + pause
            http.post(CONTACTS_PATH, json=contacts).raise_for_status()
            now = time.time()
            accepted |= {str(each["id"]): now for each in contacts if not each["callable"]}
            consumer.commit(asynchronous=True)
            left -= len(messages)
    print(json.dumps(accepted))
    consumer.close()


if __name__ == "__main__":
    run(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5], int(sys.argv[6]))
