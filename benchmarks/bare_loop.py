"""Read, post and commit with nothing around it: contender (a) of `throughput.py`.

    python -m benchmarks.bare_loop BOOTSTRAP TOPIC RECORDS URL NAME

A confluent-kafka consumer that takes 50 records, posts them with httpx, and commits. One thing
after another, no state, no outcome, no check of anything.
"""

import sys

import httpx
import orjson
from confluent_kafka import Consumer

from benchmarks.contender import BATCH, CONTACTS_PATH, HEADERS, Stopwatch, contact_of


def run(servers: str, topic: str, records: int, url: str, name: str) -> None:
    """Read *records* records, and print what it took."""
    consumer = Consumer(
        {
            "bootstrap.servers": servers,
            "group.id": f"bench-bare-loop-{name}",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    consumer.subscribe([topic])
    watch = Stopwatch()
    left = records
    with httpx.Client(base_url=url, headers=HEADERS) as client:
        while left > 0:
            messages = consumer.consume(BATCH, timeout=1.0)
            if not messages:
                continue
            watch.begin()
            contacts = [contact_of(orjson.loads(each.value() or b"")) for each in messages]
            body = orjson.dumps(contacts)
            client.post(CONTACTS_PATH, content=body).raise_for_status()
            consumer.commit(asynchronous=True)
            left -= len(messages)
    print(watch.told())
    consumer.close()


if __name__ == "__main__":
    run(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5])
