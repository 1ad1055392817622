"""Say how every librdkafka client of ours reaches the broker."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

ClientSettings: TypeAlias = dict[str, str | int | float | bool]
"""librdkafka's own names → values."""

_CRITICAL = 2
"""syslog level; below it librdkafka writes to standard error, past our log. What goes wrong comes
as an error to the client that met it."""


@dataclass(frozen=True, slots=True)
class KafkaConfig:
    """Where the broker is and how to be let in.

    `security` are librdkafka settings (`security.protocol`, `sasl.username`, …); they hold
    secrets: no repr.
    """

    bootstrap_servers: str
    security: Mapping[str, str] = field(default_factory=dict, repr=False)

    def client(self) -> ClientSettings:
        """Return the settings that all clients share.

        The reconnect pauses are short: a broker that was killed is back, or another leads, within
        seconds (engine.md C).
        """
        return {
            "bootstrap.servers": self.bootstrap_servers,
            "log_level": _CRITICAL,
            "reconnect.backoff.ms": 50,
            "reconnect.backoff.max.ms": 1000,
            "topic.metadata.refresh.interval.ms": 30_000,
            **self.security,
        }
