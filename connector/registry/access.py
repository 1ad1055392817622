"""Reach the schema registry: where it is, how to be let in, and how it can fail."""

import ssl
from dataclasses import dataclass, field

from confluent_kafka.schema_registry import SchemaRegistryClient

_PATIENCE = 10.0
"""Seconds for an answer."""


class RegistryAwayError(Exception):
    """The registry did not answer or answered with a failure of its own: ask again later."""


class RegistryRefusedError(Exception):
    """The registry refused; a person must act. The text says what was asked and what it said."""


@dataclass(frozen=True, slots=True)
class RegistryAccess:
    """Where the registry is and how to be let in. Holds a secret: no repr of it."""

    url: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca: str | None = None


def client(access: RegistryAccess) -> SchemaRegistryClient:
    """Return a client that asks once: whoever waits for a registry decides how long.

    Raises:
        RegistryRefusedError: the file of certificates cannot be read.
    """
    config: dict[str, object] = {"url": access.url, "timeout": _PATIENCE, "max.retries": 0}
    if access.username is not None:
        config["basic.auth.user.info"] = f"{access.username}:{access.password}"
    if access.ca is not None:
        config["ssl.ca.location"] = access.ca
    try:
        return SchemaRegistryClient(config)
    except (OSError, ssl.SSLError):
        raise RegistryRefusedError(
            f"registry.ssl_ca_location: {access.ca} cannot be read as PEM certificates; "
            "name a file with the certificate of the authority"
        ) from None
