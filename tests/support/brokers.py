"""Brokers for tests: Apache Kafka in processes of its own, or librdkafka's mock cluster."""

import atexit
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from confluent_kafka import Producer

from tests.support.waiting import wait_until

LIBS = Path(__file__).parents[2] / ".cache" / "kafka" / "libs"
EMBEDDED_PARTITIONS = 4
"""What the mock cluster gives every topic; it answers no CreateTopics."""
_CLUSTER_ID = "4L6g3nShT-eMCtK--X86sw"
_STARTED = "Kafka Server started"
_LOG4J = """\
rootLogger.level = WARN
rootLogger.appenderRef.c.ref = c
appender.c.type = Console
appender.c.name = c
appender.c.layout.type = PatternLayout
appender.c.layout.pattern = %d{HH:mm:ss.SSS} %p %c{1} %m%n
logger.server.name = kafka.server
logger.server.level = INFO
"""


def missing() -> str | None:
    """Say in a few words what Apache Kafka lacks on this machine, or None."""
    if shutil.which("java") is None:
        return "Java is missing"
    if not any(LIBS.glob("kafka_*.jar")):
        return "its jars are missing (make kafka)"
    return None


def free_ports(count: int) -> list[int]:
    """Find *count* loopback ports that nobody listens on; all are held until all are found."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


class Kafka:
    """One or three KRaft brokers of Apache Kafka on free loopback ports, numbered from 1.

    Everything they write lies under *directory*. They end with `close`, at the latest when
    this process does.
    """

    real = True

    def __init__(
        self, directory: Path, count: int = 1, settings: Mapping[str, str] | None = None
    ) -> None:
        """Format and start *count* brokers; *settings* are added to `server.properties`.

        Raises:
            RuntimeError: a broker did not come up; its log is named.
        """
        self._directory = directory
        self._settings = dict(settings or {})
        ports = free_ports(2 * count)
        self._ports = dict(zip(range(1, count + 1), ports[:count], strict=True))
        self._controllers = dict(zip(range(1, count + 1), ports[count:], strict=True))
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "log4j2.properties").write_text(_LOG4J)
        atexit.register(self.close)
        self._format()
        self.start(*self._ports)

    @property
    def bootstrap_servers(self) -> str:
        """Every broker's address, also of those that are down."""
        return ",".join(f"127.0.0.1:{port}" for port in self._ports.values())

    @property
    def numbers(self) -> tuple[int, ...]:
        """Numbers of the brokers, 1 upwards."""
        return tuple(self._ports)

    def pid(self, number: int) -> int:
        """Give the process id of a running broker."""
        return self._processes[number].pid

    def start(self, *numbers: int) -> None:
        """Start brokers that are down, all at once, and wait until each serves."""
        for number in numbers:
            self._start(number)
        for number in numbers:
            self._await_started(number)

    def kill9(self, number: int) -> None:
        """Kill a broker without warning."""
        self._end(number, signal.SIGKILL)

    def stop(self, number: int) -> None:
        """Stop a broker in order: its leaders move first."""
        self._end(number, signal.SIGTERM)

    def close(self) -> None:
        """Stop what still runs. Data is not kept, so there is nothing to wait for."""
        for number in tuple(self._processes):
            self.kill9(number)
        atexit.unregister(self.close)

    def _end(self, number: int, how: signal.Signals) -> None:
        process = self._processes.pop(number)
        process.send_signal(how)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _start(self, number: int) -> None:
        with self._log(number).open("wb") as log:
            self._processes[number] = subprocess.Popen(
                [
                    *self._java("-Xms128m", "-Xmx400m", "-XX:+UseSerialGC"),
                    "kafka.Kafka",
                    str(self._config(number)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _await_started(self, number: int) -> None:
        log, process = self._log(number), self._processes[number]
        wait_until(
            lambda: _STARTED in log.read_text(errors="replace") or process.poll() is not None,
            f"broker {number} to start, see {log}",
        )
        if process.poll() is not None:
            raise RuntimeError(f"broker {number} ended while starting, see {log}")

    def _format(self) -> None:
        commands = []
        for number in self.numbers:
            self._config(number).write_text(self._properties(number))
            commands.append(
                subprocess.Popen(
                    [
                        *self._java("-XX:TieredStopAtLevel=1"),
                        *("kafka.tools.StorageTool", "format", "-t", _CLUSTER_ID),
                        *("-c", str(self._config(number))),
                    ],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                )
            )
        for command in commands:
            said, _ = command.communicate(timeout=60)
            if command.returncode != 0:
                raise RuntimeError(f"formatting failed: {said.decode(errors='replace')}")

    def _java(self, *options: str) -> list[str]:
        """Begin a command line; where util-linux is, the broker dies with this process."""
        leash = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
        log4j = f"-Dlog4j2.configurationFile={self._directory / 'log4j2.properties'}"
        return [*leash, "java", *options, log4j, "-cp", f"{LIBS}/*"]

    def _config(self, number: int) -> Path:
        return self._directory / f"broker-{number}.properties"

    def _log(self, number: int) -> Path:
        return self._directory / f"broker-{number}.log"

    def _properties(self, number: int) -> str:
        many = len(self._ports) > 1
        listener = f"PLAINTEXT://127.0.0.1:{self._ports[number]}"
        voters = ",".join(f"{n}@127.0.0.1:{port}" for n, port in self._controllers.items())
        settings = {
            "process.roles": "broker,controller",
            "node.id": str(number),
            "controller.quorum.voters": voters,
            "listeners": f"{listener},CONTROLLER://127.0.0.1:{self._controllers[number]}",
            "advertised.listeners": listener,
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "PLAINTEXT",
            "log.dirs": str(self._directory / f"data-{number}"),
            "default.replication.factor": "3" if many else "1",
            "min.insync.replicas": "2" if many else "1",
            "offsets.topic.replication.factor": "3" if many else "1",
            "offsets.topic.num.partitions": "4",
            "transaction.state.log.replication.factor": "3" if many else "1",
            "transaction.state.log.min.isr": "2" if many else "1",
            "transaction.state.log.num.partitions": "4",
            "num.partitions": "4",
            "group.initial.rebalance.delay.ms": "0",
            "auto.create.topics.enable": "false",
            "broker.session.timeout.ms": "6000",
            "log.cleaner.backoff.ms": "2000",
            "log.cleaner.dedupe.buffer.size": "20000000",
            "num.recovery.threads.per.data.dir": "2",
        } | self._settings
        return "".join(f"{name}={value}\n" for name, value in settings.items())


class Embedded:
    """librdkafka's mock cluster of three brokers, inside this process.

    Every topic has 4 partitions and comes into being when it is first asked for. It compacts
    nothing, keeps nothing, and does not answer the creation or description of topics.
    """

    real = False

    def __init__(self) -> None:
        """Start the brokers; they live as long as this object."""
        self._owner = Producer(
            {"bootstrap.servers": "embedded", "test.mock.num.brokers": 3, "log_level": 3}
        )
        brokers = self._owner.list_topics(timeout=10).brokers.values()
        self.bootstrap_servers = ",".join(f"{each.host}:{each.port}" for each in brokers)

    def close(self) -> None:
        """Stop the brokers."""
        del self._owner


Broker = Kafka | Embedded


@contextmanager
def kafka_brokers(count: int = 1, settings: Mapping[str, str] | None = None) -> Iterator[Kafka]:
    """Run Apache Kafka under a directory of its own; for tests that need it real."""
    with TemporaryDirectory(prefix="kafka-", ignore_cleanup_errors=True) as directory:
        brokers = Kafka(Path(directory), count, settings)
        try:
            yield brokers
        finally:
            brokers.close()


@contextmanager
def any_broker(say: Callable[[str], None]) -> Iterator[Broker]:
    """Run Apache Kafka, or the embedded broker where it lacks something, saying so in a line.

    Raises:
        RuntimeError: `$CI` is set and Apache Kafka lacks something.
    """
    lack = missing()
    if lack is None:
        with kafka_brokers() as brokers:
            yield brokers
        return
    if os.environ.get("CI"):
        raise RuntimeError(f"CI must test on Apache Kafka: {lack}")
    say(f"no Apache Kafka here, {lack}: using the embedded broker")
    embedded = Embedded()
    try:
        yield embedded
    finally:
        embedded.close()
