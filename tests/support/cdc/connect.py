"""A real Kafka Connect worker for tests, with Debezium and an Avro converter, from jars."""

from collections.abc import Mapping
from pathlib import Path

import httpx

from tests.support.brokers import free_ports
from tests.support.servers import QUICK_JAVA, Server

HOME = Path(__file__).parents[3] / ".cache" / "cdc"
_LOG4J = """\
rootLogger.level = WARN
rootLogger.appenderRef.c.ref = c
appender.c.type = Console
appender.c.name = c
appender.c.layout.type = PatternLayout
appender.c.layout.pattern = %d{HH:mm:ss.SSS} %p %c{1} %m%n
"""


def missing() -> str | None:
    """Say in a few words what the worker lacks on this machine, or None."""
    if not (HOME / ".fetched").exists():
        return "Kafka Connect and Debezium are missing (make cdc)"
    return None


class ConnectFailed(RuntimeError):  # noqa: N818  # it reads as what happened
    """A connector or its task stopped; the text is Kafka Connect's."""


class Connect:
    """One standalone worker on a free loopback port. It keeps its offsets over a restart.

    Its tasks are restarted by nobody: `demand_running` tells.
    """

    def __init__(self, directory: Path, bootstrap_servers: str) -> None:
        """Prepare it; everything that it writes lies under *directory*."""
        (port,) = free_ports(1)
        directory.mkdir(parents=True, exist_ok=True)
        log4j = directory / "log4j2.properties"
        log4j.write_text(_LOG4J)
        settings = {
            "bootstrap.servers": bootstrap_servers,
            "listeners": f"http://127.0.0.1:{port}",
            "plugin.path": str(HOME / "plugins"),
            "plugin.discovery": "service_load",
            "key.converter": "org.apache.kafka.connect.json.JsonConverter",
            "value.converter": "org.apache.kafka.connect.json.JsonConverter",
            "offset.storage.file.filename": str(directory / "offsets"),
            "offset.flush.interval.ms": "1000",
        }
        file = directory / "connect.properties"
        file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        words = [*QUICK_JAVA, "-Xmx384m", f"-Dlog4j2.configurationFile={log4j}"]
        words += ["-cp", f"{HOME / 'worker'}/*", "org.apache.kafka.connect.cli.ConnectStandalone"]
        self._http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)
        self.server = Server("connect", [*words, str(file)], directory, self._serves)

    def create(self, name: str, config: Mapping[str, str]) -> None:
        """Start a connector.

        Raises:
            ConnectFailed: the worker refuses it.
        """
        answer = self._http.post("/connectors", json={"name": name, "config": dict(config)})
        if answer.status_code != httpx.codes.CREATED:
            raise ConnectFailed(f"connector {name}: {answer.text}")

    def demand_running(self, name: str) -> bool:
        """Tell whether the connector's task runs; fail where it has failed.

        Raises:
            ConnectFailed: the connector or its task stopped.
        """
        answer = self._http.get(f"/connectors/{name}/status")
        if answer.status_code == httpx.codes.NOT_FOUND:
            return False
        status = answer.raise_for_status().json()
        for part in (status["connector"], *status["tasks"]):
            if part["state"] == "FAILED":
                raise ConnectFailed(f"connector {name}: {part.get('trace')}")
        return [task["state"] for task in status["tasks"]] == ["RUNNING"]

    def stop(self) -> None:
        """End the worker."""
        self._http.close()
        self.server.stop()

    def _serves(self) -> bool:
        try:
            return self._http.get("/connectors").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False
