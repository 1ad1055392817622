"""A real schema registry for tests: Apicurio, which speaks the Confluent protocol, from jars.

`make registry` fetches it. Its global compatibility is NONE, where Confluent's is BACKWARD.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import fastavro
import httpx

from tests.support.brokers import free_ports
from tests.support.servers import QUICK_JAVA, Server

HOME = Path(__file__).parents[2] / ".cache" / "registry"


def missing() -> str | None:
    """Say in a few words what the registry lacks on this machine, or None."""
    if shutil.which("java") is None:
        return "Java is missing"
    if not any(HOME.glob("*-runner.jar")):
        return "the schema registry is missing (make registry)"
    return None


class Registry:
    """A registry on a free loopback port. Its schemas outlast a stop and a start."""

    def __init__(self, directory: Path) -> None:
        """Prepare it; everything that it writes lies under *directory*."""
        (port,) = free_ports(1)
        self.address = f"http://127.0.0.1:{port}"
        (jar,) = HOME.glob("*-runner.jar")
        directory.mkdir(parents=True, exist_ok=True)
        options = {
            "quarkus.http.host": "127.0.0.1",
            "quarkus.http.port": str(port),
            "quarkus.http.access-log.enabled": "false",
            "apicurio.datasource.url": f"jdbc:h2:file:{directory / 'schemas'}",
        }
        words = [*QUICK_JAVA, "-Xmx256m", *(f"-D{k}={v}" for k, v in options.items())]
        self._schemas: dict[int, object] = {}
        self.server = Server("registry", [*words, "-jar", str(jar)], directory, self._serves)

    @property
    def url(self) -> str:
        """Where the Confluent protocol is spoken: what `schema.registry.url` is set to."""
        return f"{self.address}/apis/ccompat/v7"

    def schema(self, schema_id: int) -> object:
        """Give the schema of that id, parsed."""
        if schema_id not in self._schemas:
            answer = httpx.get(f"{self.url}/schemas/ids/{schema_id}", timeout=30)
            told = answer.raise_for_status().json()["schema"]
            self._schemas[schema_id] = fastavro.parse_schema(json.loads(told))
        return self._schemas[schema_id]

    def _serves(self) -> bool:
        try:
            return httpx.get(f"{self.url}/subjects", timeout=5).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False


@contextmanager
def running_registry() -> Iterator[Registry]:
    """Run a registry under a directory of its own, started and serving.

    Raises:
        RuntimeError: something is missing, or it ended while starting.
    """
    lack = missing()
    if lack is not None:
        raise RuntimeError(f"no schema registry here: {lack}")
    with TemporaryDirectory(prefix="registry-", ignore_cleanup_errors=True) as directory:
        registry = Registry(Path(directory))
        try:
            registry.server.start()
            registry.server.wait_ready()
            yield registry
        finally:
            registry.server.stop()
