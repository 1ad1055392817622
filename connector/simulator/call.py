"""Name a request to the platform and its answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import orjson

from connector.simulator.errors import refuse
from connector.simulator.flights import Flight


@dataclass(slots=True)
class Call:
    """One request, read whole.

    `path` and `raw_query` are as sent (still percent-encoded), `query` is decoded, repeated
    names joined by a comma, `at` is seconds since the epoch. `n` is its number in the journal,
    `parts` the path's variable segments, `partial` asks a path that takes many things to take
    the first half only. `token` is the hash of the
    bearer token. `shown` replaces a body that holds a secret in the journal; `is_json`
    once the body was parsed.
    """

    method: str
    path: str
    raw_query: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    at: float
    flight: Flight
    n: int = 0
    parts: Mapping[str, str] = field(default_factory=dict)
    client: str | None = None
    token: str | None = None
    partial: bool = False
    shown: bytes | None = None
    is_json: bool = False

    def json(self) -> object:
        """Return the parsed body; raises `Refused` (400) where it is not JSON."""
        kind = self.headers.get("content-type", "application/json")
        if "json" not in kind:
            raise refuse(415, "unsupported.media.type", "The body must be application/json.")
        try:
            document: object = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            raise refuse(400, "bad.request", "The body is not JSON.") from None
        self.is_json = True
        return document

    def optional_json(self) -> object:
        """Return the parsed body, None where there is none; an SDK sends `null` for none."""
        return self.json() if self.body.strip() else None

    def flag(self, name: str) -> bool:
        """Return a query parameter as a truth value; absent is false."""
        value = self.query.get(name, "false").lower()
        if value not in {"true", "false"}:
            raise refuse(400, "invalid.query.param.value", f"{name} must be true or false.")
        return value == "true"

    def number(self, name: str, default: int) -> int:
        """Return a query parameter as a whole number of at least 1."""
        value = self.query.get(name)
        if value is None:
            return default
        if not value.isascii() or not value.isdigit() or int(value) < 1:
            raise refuse(400, "invalid.query.param.value", f"{name} must be 1 or more.")
        return int(value)


@dataclass(slots=True)
class Answer:
    """What the platform says; `content` is the body as sent.

    `quarantined` are the contacts (list id, contact id) that the request made uncallable,
    `shown` replaces a body that holds a secret in the journal.
    """

    status: int
    content: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    quarantined: tuple[tuple[str, str], ...] = ()
    shown: bytes | None = None

    @property
    def accepted(self) -> bool:
        """Whether the platform did what was asked."""
        return self.status < 300  # noqa: PLR2004 - the first status that is not a success


def answer(document: object, status: int = 200) -> Answer:
    """Return a JSON answer."""
    return Answer(status, orjson.dumps(document))


def query_of(raw: str) -> dict[str, str]:
    """Parse a query string; SDKs send many values either repeated or joined by commas."""
    query: dict[str, str] = {}
    for name, value in parse_qsl(raw, keep_blank_values=True):
        query[name] = f"{query[name]},{value}" if name in query else value
    return query


def as_object(value: object, what: str) -> dict[str, object]:
    """Return a JSON object; raises `Refused` (400) for anything else."""
    if not isinstance(value, dict):
        raise refuse(400, "invalid.value", f"{what} must be an object.")
    return value


def as_record(value: object) -> dict[str, object]:
    """Return a JSON object of the books; anything else counts as an empty one."""
    return value if isinstance(value, dict) else {}


def as_array(value: object, what: str) -> list[object]:
    """Return a JSON array; raises `Refused` (400) for anything else."""
    if not isinstance(value, list):
        raise refuse(400, "invalid.value", f"{what} must be an array.")
    return value
