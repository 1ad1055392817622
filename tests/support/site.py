"""A directory with the settings of one connector and one simulator, written from plain values."""

import json
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.scene import ListScene, Scene, Terms

CLIENT_ID = "client-of-the-tests"
CLIENT_SECRET = "platform-secret-7f3a91c5e2"
STATE_SECRET = "state-secret-0c64be1d98aa4f27b3d0"
SECRETS = (CLIENT_SECRET, STATE_SECRET)


@dataclass(frozen=True, slots=True)
class SourceText:
    """One source as the settings name it; without a name it is `[source]`.

    Its topics have *partitions*, as many as the connector's own where it does not say. `avro`
    needs a registry.
    """

    topics: Sequence[str]
    envelope: str
    name: str | None = None
    partitions: int | None = None
    encoding: str = "json"


@dataclass(frozen=True, slots=True)
class Site:
    """Where one connector lives in a test, and all that its settings say.

    `extra` holds lines for a section, in TOML, under `behaviour` those of the simulator's;
    `platform_columns` replaces the columns that the platform's lists have; `campaigns` are further
    ones of the platform, beside one for each list; with the address of a `registry` outcomes are
    Avro.
    """

    directory: Path
    bootstrap_servers: str
    application_id: str
    scene: Scene
    sources: Sequence[SourceText]
    requests_per_minute: int = 6_000
    extra: Mapping[str, str] = field(default_factory=dict)
    platform_columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    campaigns: Sequence[Mapping[str, object]] = ()
    registry: str | None = None
    linger_seconds: float = 0.2
    listen: str = field(default_factory=lambda: f"127.0.0.1:{free_port()}")

    @property
    def settings(self) -> Path:
        """The connector's file."""
        return self.directory / "connector.toml"

    @property
    def simulator_settings(self) -> Path:
        """The simulator's file."""
        return self.directory / "simulator.toml"

    def topic(self, name: str) -> str:
        """Name one of the connector's own topics, such as `outcomes`."""
        return f"{self.application_id}.{name}"

    def write_simulator(self) -> None:
        """Write the simulator's file."""
        self.simulator_settings.write_text(self._simulator_text(), encoding="utf-8")

    def write(self, platform: str) -> None:
        """Write the connector's file, for a platform at that address."""
        self.settings.write_text(self._text(platform), encoding="utf-8")

    def _text(self, platform: str) -> str:
        scene = self.scene
        parts = [
            self._section(
                "kafka",
                bootstrap_servers=self.bootstrap_servers,
                application_id=self.application_id,
                partitions=scene.partitions,
                replication_factor=1,
                session_timeout="6s",
            ),
            *([] if self.registry is None else [self._section("registry", url=self.registry)]),
            *(self._source(source) for source in self.sources),
            self._section("mapping", **_identity(scene)),
            self._section("mapping.columns", **scene.mapped),
            self._section("mapping.phones", Mobile="cell", Home="home"),
            self._section("mapping.opt_out", **scene.opt_out),
            self._section("mapping.quarantine", **scene.quarantine),
            self._section(
                "genesys",
                api_url=platform,
                login_url=platform,
                client_id=CLIENT_ID,
                client_secret=CLIENT_SECRET,
                requests_per_minute=self.requests_per_minute,
            ),
            *(self._list(each) for each in scene.lists),
            self._section("apply", linger_seconds=self.linger_seconds),
            self._section("state", directory=str(self.directory / "state"), secret=STATE_SECRET),
            *(
                self._section(name)
                for name in ("outcomes", "brakes", "compliance")
                if name in self.extra
            ),
            self._section("ops", listen=self.listen),
        ]
        return "\n".join(parts)

    def _section(self, section: str, **values: object) -> str:
        lines = [f"[{section}]", *(f"{key} = {toml(value)}" for key, value in values.items())]
        return "\n".join([*lines, self.extra.get(section, ""), ""])

    def _source(self, source: SourceText) -> str:
        section = "source" if source.name is None else f"sources.{source.name}"
        return self._section(
            section,
            topics=list(source.topics),
            envelope=source.envelope,
            encoding=source.encoding,
        )

    def _list(self, each: ListScene) -> str:
        values: dict[str, object] = {"contact_list": each.id, "dnc_list": each.dnc}
        values |= {"leave": each.leave, "delete": each.delete}
        values |= {key: terms for key, terms in _conditions(each).items() if terms}
        if each.own_columns:
            values["columns"] = each.mapped
        return self._section(f"lists.{each.name}", **values)

    def _simulator_text(self) -> str:
        scene = self.scene
        parts = [
            "[[clients]]",
            f"client_id = {toml(CLIENT_ID)}",
            f"client_secret = {toml(CLIENT_SECRET)}",
            f"requests_per_minute = {self.requests_per_minute}",
        ]
        for each in scene.lists:
            columns = self.platform_columns.get(each.name, each.columns)
            parts += ["[[contact_lists]]", f"id = {toml(each.id)}", f"name = {toml(each.name)}"]
            parts += [f"columns = {toml(list(columns))}"]
            phones = [column for column in each.phone_columns if column in columns]
            parts += [f"phone_columns = {toml(phones)}"]
            parts += [f"callable_time_columns = {toml(each.zones)}"]
        for number, dnc in enumerate(scene.dnc_lists):
            parts += ["[[dnc_lists]]", f"id = {toml(dnc)}", f'name = "Do not call {number}"']
        for each in scene.lists:
            parts += ["[[campaigns]]", f"id = {toml(campaign_of(each))}"]
            parts += [f"name = {toml('Calls of ' + each.name)}", f"contact_list = {toml(each.id)}"]
            parts += [f"dnc_lists = {toml(list(scene.dnc_lists))}", 'status = "on"']
        for campaign in self.campaigns:
            parts += ["[[campaigns]]", *(f"{k} = {toml(v)}" for k, v in campaign.items())]
        parts += ["[behaviour]", self.extra.get("behaviour", "")]
        return "\n".join([*parts, ""])


def campaign_of(each: ListScene) -> str:
    """Name the campaign that dials a list."""
    return each.id.replace("c", "a", 1)


def free_port() -> int:
    """Find a port of the loopback that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    assert isinstance(port, int)
    return port


def toml(value: object) -> str:
    """Write a value in TOML."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {toml(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml(each) for each in value) + "]"
    if isinstance(value, bool | int | float | str):
        return json.dumps(value)
    raise TypeError(type(value).__name__)


def _identity(scene: Scene) -> dict[str, str]:
    named = {"lead_id": scene.lead_id, "revision": scene.revision}
    return {key: name for key, name in named.items() if name is not None}


def _conditions(each: ListScene) -> dict[str, Terms]:
    return {"when": each.when, "unless": each.unless}
