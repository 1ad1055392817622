"""A schema registry over a real socket: Confluent's API as far as our code asks it.

It keeps ids with gaps and knows no rule of a subject without versions, as Apicurio does. What is
compatible is judged by fastavro: data of the old schema, read with the new one.
"""

import base64
import json
import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

import fastavro
from fastavro.utils import generate_one

from tests.support.site import free_port

_LOOKUP = re.compile(r"/subjects/([^/?]+)$")
_VERSION = re.compile(r"/subjects/([^/?]+)/versions/(\d+|latest)$")
_VERSIONS = re.compile(r"/subjects/([^/?]+)/versions$")
_CONFIG = re.compile(r"/config(?:/([^/?]+))?$")
_COMPATIBILITY = re.compile(r"/compatibility/subjects/([^/?]+)/versions/latest$")
_SCHEMA = re.compile(r"/schemas/ids/(\d+)$")

Answer = tuple[int, object]


def _missing(code: int, what: str) -> Answer:
    return 404, {"error_code": code, "message": f"{what} not found"}


@dataclass(slots=True)
class Books:
    """What the registry knows. `names` are the names and passwords given;
    `trouble` is a status that it answers everything with, `nonsense` a body that it answers with,
    `login` the name and password that it asks for. `hidden` are ids that it does not know yet,
    `more` what else it says of a schema: `schemaType`, `references`.
    """

    default_rule: str = "BACKWARD"
    versions: dict[str, list[int]] = field(default_factory=dict)
    schemas: dict[int, str] = field(default_factory=dict)
    rules: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    trouble: int | None = None
    nonsense: bytes | None = None
    login: str | None = None
    hidden: set[int] = field(default_factory=set)
    more: dict[int, dict[str, object]] = field(default_factory=dict)

    def schema(self, schema_id: int) -> object:
        """Return a schema as fastavro takes it."""
        parsed: object = fastavro.parse_schema(json.loads(self.schemas[schema_id]))
        return parsed

    def put(self, schema_id: int, schema: str, **more: object) -> None:
        """Have a schema under an id of the test's choosing, and under no subject."""
        self.schemas[schema_id], self.more[schema_id] = schema, more

    def questions(self, schema_id: int) -> int:
        """Say how often a schema was asked for by its id."""
        return self.asked.count(f"GET /schemas/ids/{schema_id}")

    def register(self, subject: str, schema: str, **more: object) -> int:
        """Take a schema in, whatever the rule says."""
        known = next((i for i, text in self.schemas.items() if text == schema), None)
        schema_id = 7 + 10 * len(self.schemas) if known is None else known
        self.put(schema_id, schema, **more)
        versions = self.versions.setdefault(subject, [])
        if schema_id not in versions:
            versions.append(schema_id)
        return schema_id

    def answer(self, method: str, path: str, body: dict[str, Any]) -> Answer:
        """Answer one request."""
        path = path.partition("?")[0]
        self.asked.append(f"{method} {path}")
        if self.login is not None and self.login not in self.names:
            return 401, {"error_code": 401, "message": "Unauthorized"}
        if self.trouble is not None:
            return self.trouble, {"error_code": self.trouble, "message": "trouble"}
        if found := _VERSIONS.fullmatch(path):
            return self._versions(method, found[1], body)
        if found := _LOOKUP.fullmatch(path):
            return self._lookup(found[1], body["schema"])
        if found := _CONFIG.fullmatch(path):
            return self._config(method, found[1], body)
        if found := _COMPATIBILITY.fullmatch(path):
            if found[1] not in self.versions:
                return _missing(40401, "Subject")
            return 200, {"is_compatible": self._compatible(found[1], body["schema"])}
        return self._told(path)

    def _told(self, path: str) -> Answer:
        if path == "/subjects":
            return 200, list(self.versions)
        if found := _VERSION.fullmatch(path):
            return self._version(found[1], found[2])
        if found := _SCHEMA.fullmatch(path):
            return self._by_id(int(found[1]))
        return 404, {"error_code": 404, "message": "HTTP 404 Not Found"}

    def _by_id(self, schema_id: int) -> Answer:
        if schema_id not in self.schemas or schema_id in self.hidden:
            return _missing(40403, "Schema")
        return 200, {"schema": self.schemas[schema_id], **self.more.get(schema_id, {})}

    def _version(self, subject: str, asked: str) -> Answer:
        known = self.versions.get(subject, [])
        version = len(known) if asked == "latest" else int(asked)
        if not 0 < version <= len(known):
            return _missing(40402 if known else 40401, "Version")
        schema_id = known[version - 1]
        told = {"subject": subject, "version": version, "id": schema_id}
        return 200, {**told, "schema": self.schemas[schema_id], **self.more.get(schema_id, {})}

    def _versions(self, method: str, subject: str, body: dict[str, Any]) -> Answer:
        if method == "GET":
            known = self.versions.get(subject)
            if known is None:
                return _missing(40401, "Subject")
            return 200, list(range(1, len(known) + 1))
        if subject in self.versions and not self._compatible(subject, body["schema"]):
            return 409, {"error_code": 409, "message": "incompatible"}
        more = {key: body[key] for key in ("schemaType", "references") if key in body}
        return 200, {"id": self.register(subject, body["schema"], **more)}

    def _lookup(self, subject: str, schema: str) -> Answer:
        for version, schema_id in enumerate(self.versions.get(subject, []), 1):
            if self.schemas[schema_id] == schema:
                told = {"subject": subject, "version": version, "id": schema_id}
                return 200, told | {"schema": schema}
        return _missing(40403 if subject in self.versions else 40401, "Schema")

    def _config(self, method: str, subject: str | None, body: dict[str, Any]) -> Answer:
        if subject is None:
            return 200, {"compatibilityLevel": self.default_rule}
        if method == "GET":
            if subject not in self.rules:
                return _missing(40408, "Subject's rule")
            return 200, {"compatibilityLevel": self.rules[subject]}
        if subject not in self.versions:
            return _missing(40401, "Subject")
        self.rules[subject] = body["compatibility"]
        return 200, body

    def _compatible(self, subject: str, schema: str) -> bool:
        if self.rules.get(subject, self.default_rule) == "NONE":
            return True
        latest = self.schema(self.versions[subject][-1])
        return reads(fastavro.parse_schema(json.loads(schema)), latest)


def reads(reader: object, writer: object) -> bool:
    """Say whether *reader* reads what *writer* writes, tried on some data."""
    for _ in range(200):
        data = BytesIO()
        fastavro.schemaless_writer(data, writer, generate_one(writer))
        data.seek(0)
        try:
            fastavro.schemaless_reader(data, writer, reader)
        except Exception:  # noqa: BLE001 - fastavro raises many kinds
            return False
    return True


class SchemaRegistry:
    """A registry that can be away: nobody listens at its address then."""

    def __init__(self, certificate: Path | None = None) -> None:
        """Prepare it; with a *certificate* (PEM, with its key) it speaks TLS."""
        self.books = Books()
        self._certificate = certificate
        self._port = free_port()
        self._server: ThreadingHTTPServer | None = None
        self.url = f"http{'s' if certificate else ''}://127.0.0.1:{self._port}"

    def schema(self, schema_id: int) -> object:
        """Give the schema of that id, parsed."""
        return self.books.schema(schema_id)

    def start(self) -> None:
        """Listen."""
        books = self.books

        class Door(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(size)) if size else {}
                scheme, _, name = (self.headers.get("Authorization") or "").partition(" ")
                if scheme == "Basic":
                    books.names.add(base64.b64decode(name).decode())
                status, told = books.answer(self.command, self.path, body)
                written = json.dumps(told).encode() if books.nonsense is None else books.nonsense
                self.send_response(status)
                self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
                self.send_header("Content-Length", str(len(written)))
                self.end_headers()
                self.wfile.write(written)

            do_GET = do_POST = do_PUT = _serve  # noqa: N815 - the names that the base calls

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Door)
        if self._certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self._certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Be away; the books stay."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


@contextmanager
def schema_registry(certificate: Path | None = None) -> Iterator[SchemaRegistry]:
    """Run a registry with empty books."""
    registry = SchemaRegistry(certificate)
    registry.start()
    try:
        yield registry
    finally:
        registry.stop()
