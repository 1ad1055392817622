"""Get schemas from the registry by the id that records carry. Every call blocks.

One try a call: whoever asks decides how long it waits for a registry that is away.
"""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

import httpx2
from confluent_kafka.schema_registry import Schema, SchemaRegistryError

from connector.registry.access import RegistryAccess, RegistryAwayError, client

AVRO = "AVRO"

_NOT_FOUND = frozenset({40401, 40402, 40403})
"""Confluent's codes: no such subject, version, schema. Any other 404 is no registry's word."""


@dataclass(frozen=True, slots=True)
class SchemaText:
    """A registered schema as its writer gave it.

    `kind` is `AVRO`, `JSON` or `PROTOBUF`. `references` are the schemas that it names types of,
    each behind those that it refers to itself.
    """

    text: str
    kind: str = AVRO
    references: tuple[str, ...] = ()


class WriterSchemas:
    """The schemas of one registry by id. They never change under it, so each is fetched once.

    For one thread at a time.
    """

    __slots__ = ("_client", "_url")

    def __init__(self, access: RegistryAccess) -> None:
        """Prepare it; nothing is asked yet.

        Raises:
            RegistryRefusedError: the file of certificates cannot be read.
        """
        self._client = client(access)
        self._url = access.url

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def get(self, schema_id: int) -> SchemaText | None:
        """Return the schema with an id, None where the registry knows none.

        Raises:
            RegistryAwayError: it gave no usable answer.
        """
        return self._asked(lambda: self._client.get_schema(schema_id))

    def latest(self, subject: str) -> SchemaText | None:
        """Return the newest schema of *subject*, None where there is none.

        Raises:
            RegistryAwayError: it gave no usable answer.
        """
        return self._asked(lambda: self._client.get_latest_version(subject).schema)

    def _asked(self, ask: Callable[[], Schema]) -> SchemaText | None:
        try:
            schema = ask()
            references: dict[tuple[str, int], str] = {}
            self._refer(schema, references)
        except Exception as error:  # noqa: BLE001 - also what its HTTP client raises
            if isinstance(error, SchemaRegistryError) and error.error_code in _NOT_FOUND:
                return None
            raise RegistryAwayError(f"{self._url}: {_why(error)}") from None
        if schema.schema_str is None:
            raise RegistryAwayError(f"{self._url}: it answered without a schema")
        kind = schema.schema_type or AVRO
        return SchemaText(schema.schema_str, kind, tuple(references.values()))

    def _refer(self, schema: Schema, found: dict[tuple[str, int], str]) -> None:
        """Add to *found* what *schema* refers to, the innermost first."""
        for each in schema.references or ():
            place = (each.subject or "", each.version or 0)
            if place in found:
                continue
            referred = self._client.get_version(*place, deleted=True).schema
            self._refer(referred, found)
            found[place] = referred.schema_str or ""


def _why(error: Exception) -> str:
    """Say why there was no answer, without what the answer held."""
    if isinstance(error, httpx2.TransportError):
        told = str(error) or type(error).__name__
        return f"no answer ({told}): look at registry.url, ssl_ca_location and the network"
    if not isinstance(error, SchemaRegistryError):
        return f"no registry's answer ({type(error).__name__}): look at registry.url"
    status = error.http_status_code
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return f"HTTP {status}: check registry.username and registry.password"
    if status == HTTPStatus.NOT_FOUND:
        return "HTTP 404 that is no registry's: registry.url leads elsewhere"
    return f"HTTP {status}"
