"""Ask the schema registry how a schema of ours stands, and register it.

The rule of our subjects is BACKWARD: who reads with a newer schema reads what was written before.
It is set on the subject, since a registry's own default may be anything (Apicurio's is NONE). The
paths are those of Confluent's API; every call blocks.
"""

from dataclasses import dataclass
from http import HTTPStatus

import httpx2
from confluent_kafka.schema_registry import Schema, SchemaRegistryError

from connector.registry.access import (
    RegistryAccess,
    RegistryAwayError,
    RegistryRefusedError,
    client,
)

RULE = "BACKWARD"
_NOTHING_THERE = frozenset({40401, 40402, 40403})
"""No such subject, version, schema. Any other 404 is no registry's word."""

_ASKS_NOTHING = frozenset({"NONE", "FORWARD", "FORWARD_TRANSITIVE"})
"""Rules under which a registry's "compatible" says nothing about what is read with our schema."""


class IncompatibleError(RegistryRefusedError):
    """The schema cannot follow what is registered under its subject."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a schema stands under its subject.

    `version` is the one that it is registered as, else None. `compatible` is None where the
    subject's rule asks nothing, so that its answer would mean nothing.
    """

    subject: str
    version: int | None
    compatible: bool | None

    def document(self) -> dict[str, object]:
        """Return it as `schema check --json` has it (contract.md section 7)."""
        return {
            "subject": self.subject,
            "version": self.version,
            "compatible": self.compatible,
            "registered": self.version is not None,
        }


class Subjects:
    """The subjects of one registry; close it after use.

    Every question raises:
        RegistryAwayError: ask again later.
        RegistryRefusedError: a person must act.
    """

    __slots__ = ("_client", "_url")

    def __init__(self, access: RegistryAccess) -> None:
        self._client = client(access)
        self._url = access.url

    def close(self) -> None:
        """Ask nothing more."""
        self._client.close()

    def schema_id(self, subject: str, schema: str) -> int:
        """Return the registry's id of a schema, registering it where it is not.

        Raises:
            IncompatibleError: it cannot follow what is registered.
        """
        try:
            found = self._find(subject, schema)
            return self._register(subject, schema) if found is None else found[0]
        except _FAILURES as failure:
            raise self._meaning(subject, failure) from failure

    def standing(self, subject: str, schema: str) -> Standing:
        """Say how a schema stands; only reads."""
        try:
            return self._standing(subject, schema)
        except _FAILURES as failure:
            raise self._meaning(subject, failure) from failure

    def register(self, subject: str, schema: str) -> Standing:
        """Set the rule, ask whether the schema can follow, register it.

        Raises:
            IncompatibleError: it cannot follow what is registered.
        """
        try:
            self._register(subject, schema)
            return self._standing(subject, schema)
        except _FAILURES as failure:
            raise self._meaning(subject, failure) from failure

    def _find(self, subject: str, schema: str) -> tuple[int, int] | None:
        """Return id and version of a schema, None where it is not registered."""
        try:
            found = self._client.lookup_schema(subject, _avro(schema))
        except SchemaRegistryError as refused:
            if refused.error_code in _NOTHING_THERE:
                return None
            raise
        if found.schema_id is None or found.version is None:
            raise ValueError("an answer without id or version")
        return found.schema_id, found.version

    def _standing(self, subject: str, schema: str) -> Standing:
        found = self._find(subject, schema)
        if found is not None:
            return Standing(subject, found[1], compatible=True)
        if not self._exists(subject):
            return Standing(subject, None, compatible=True)
        if self._rule(subject) in _ASKS_NOTHING:
            return Standing(subject, None, compatible=None)
        return Standing(subject, None, self._follows(subject, schema))

    def _register(self, subject: str, schema: str) -> int:
        exists = self._exists(subject)
        if exists:
            self._client.set_compatibility(subject, RULE)
            if not self._follows(subject, schema):
                raise IncompatibleError(
                    f"{subject}: our schema cannot follow the latest version registered there; "
                    "`connector schema check` shows it. Who registered it? Register ours under "
                    "another kafka.application_id, or delete the foreign versions"
                )
        registered = self._client.register_schema(subject, _avro(schema))
        if not exists:  # some registries know no rule of a subject that has no version
            self._client.set_compatibility(subject, RULE)
        return registered

    def _exists(self, subject: str) -> bool:
        try:
            self._client.get_versions(subject)
        except SchemaRegistryError as refused:
            if refused.error_code in _NOTHING_THERE:
                return False
            raise
        return True

    def _follows(self, subject: str, schema: str) -> bool:
        return self._client.test_compatibility(subject, _avro(schema))

    def _rule(self, subject: str) -> str:
        try:
            return self._client.get_compatibility(subject)
        except SchemaRegistryError as refused:
            if refused.http_status_code == HTTPStatus.NOT_FOUND:
                return self._client.get_compatibility()
            raise

    def _meaning(self, subject: str, failure: Exception) -> Exception:
        """Return what *failure* means to who asked."""
        if isinstance(failure, httpx2.TransportError):
            return RegistryAwayError(f"{self._url}: {str(failure) or type(failure).__name__}")
        if not isinstance(failure, SchemaRegistryError):
            return RegistryRefusedError(f"{self._url}: answers as no registry does; {_CHECK_URL}")
        status, told = failure.http_status_code, str(failure.error_message)[:_TOLD]
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _LATER:
            return RegistryAwayError(f"{self._url}: HTTP {status}: {told}")
        if status == HTTPStatus.CONFLICT:
            return IncompatibleError(f"{subject}: the registry takes no such schema: {told}")
        advice = _ADVICE.get(status, _CHECK_URL)
        return RegistryRefusedError(f"{self._url}: {subject}: HTTP {status}: {told}; {advice}")


_FAILURES = (SchemaRegistryError, httpx2.TransportError, ValueError, TypeError, KeyError)
"""What the client raises; the last three where an answer has another form."""

_CHECK_URL = "check registry.url"
_TOLD = 200
"""Characters of what an answer says: a proxy can answer with a page."""
_LATER = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT})
_ADVICE: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "check registry.username and registry.password",
    HTTPStatus.FORBIDDEN: "let this user read and write the subject, or let one who may run "
    "`connector schema register`",
}


def _avro(schema: str) -> Schema:
    return Schema(schema, "AVRO")
