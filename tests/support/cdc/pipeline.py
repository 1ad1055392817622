"""Start a whole pipeline, from a table to the platform: every part real but the platform."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support import brokers, registries
from tests.support.brokers import Kafka
from tests.support.cdc import connect, crm, postgres
from tests.support.cdc.connect import Connect
from tests.support.cdc.crm import Connection
from tests.support.cdc.postgres import Postgres
from tests.support.cdc.shapes import Shape
from tests.support.registries import Registry
from tests.support.running import Running, running
from tests.support.site import SourceText

ALLOWANCE = 100_000
"""Requests a minute of the simulator's client: so many that the quota is not what is measured."""
LINGER = 0.5
"""Seconds that a change waits for others, as the product's default has it."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A database that Debezium listens to, and a connector beside the simulator.

    `listen` starts Debezium; the worker is `run.workers`' to start.
    """

    database: Connection
    connect: Connect
    run: Running
    shape: Shape
    _config: dict[str, str]

    def listen(self) -> None:
        """Let Debezium take its snapshot and follow the table."""
        self.connect.create(self.shape.name, self._config)

    def demand_alive(self) -> None:
        """Fail where something ended by itself."""
        self.run.workers.demand_alive()
        self.connect.demand_running(self.shape.name)


def missing() -> str | None:
    """Say in a few words what a pipeline lacks on this machine, or None."""
    return brokers.missing() or registries.missing() or postgres.missing() or connect.missing()


@contextmanager
def pipeline(shape: Shape) -> Iterator[Pipeline]:
    """Run everything under a directory of its own that any user may enter.

    Raises:
        RuntimeError: a part did not come up; its log is in the text.
    """
    with ExitStack() as stack:
        directory = Path(
            stack.enter_context(TemporaryDirectory(prefix="cdc-", ignore_cleanup_errors=True))
        )
        directory.chmod(0o711)
        database = Postgres(directory / "postgres")
        stack.callback(database.stop)
        database.server.start()
        registry = Registry(directory / "registry")
        stack.callback(registry.server.stop)
        registry.server.start()
        kafka = Kafka(directory / "kafka")
        stack.callback(kafka.close)
        worker = Connect(directory / "connect", kafka.bootstrap_servers)
        stack.callback(worker.stop)
        worker.server.start()
        database.server.wait_ready()
        connection = stack.enter_context(database.connect())
        crm.create(connection)
        registry.server.wait_ready()
        (directory / "site").mkdir()
        run = stack.enter_context(
            running(
                kafka,
                directory / "site",
                crm.scene(shape.topic),
                [SourceText([shape.topic], shape.envelope, encoding=shape.encoding)],
                requests_per_minute=ALLOWANCE,
                registry=registry,
                linger_seconds=LINGER,
            )
        )
        worker.server.wait_ready()
        config = shape.connector(database.port, registry.address)
        yield Pipeline(connection, worker, run, shape, config)
