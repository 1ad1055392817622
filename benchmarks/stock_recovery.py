"""Let stock Faust recover a table from its changelog: what `restore.py` is compared with.

Run by `restore.py` as a process of its own, for Faust takes a whole process. Prints one JSON
document: seconds from the assignment of partitions to the table's recovery.
"""

import json
import os
import sys
import time

import faust


def recover(servers: str, application: str, partitions: int) -> None:
    """Join, recover the table `state`, print how long that took, and end the process."""
    app = faust.App(
        application,
        broker=[f"kafka://{each}" for each in servers.split(",")],
        store="memory://",
        topic_partitions=partitions,
        topic_replication_factor=1,
        topic_disable_leader=True,
        table_standby_replicas=0,
        key_serializer="raw",
        value_serializer="raw",
        stream_recovery_delay=0.0,
        worker_redirect_stdouts=False,
    )
    source = app.topic(f"{application}-source", key_type=bytes, value_type=bytes)
    table = app.Table("state", key_type=bytes, value_type=bytes, partitions=partitions)
    assigned: list[float] = []

    @app.on_partitions_assigned.connect  # type: ignore[untyped-decorator]  # Faust has no types
    async def begin(*_: object, **__: object) -> None:
        assigned.append(time.perf_counter())

    @table.on_recover  # type: ignore[untyped-decorator]  # Faust has no types
    async def end() -> None:
        found = {"seconds": time.perf_counter() - assigned[-1], "rows": len(table.data.data)}
        print(json.dumps(found), flush=True)
        os._exit(0)

    @app.agent(source)  # type: ignore[untyped-decorator]  # Faust has no types
    async def read(stream: object) -> None:
        async for _ in stream:  # type: ignore[attr-defined]  # Faust has no types
            pass

    app.finalize()
    worker = faust.Worker(app, loglevel="ERROR", quiet=True, override_logging=False)
    worker.execute_from_commandline()


if __name__ == "__main__":
    recover(sys.argv[1], sys.argv[2], int(sys.argv[3]))
