"""Write down every platform request, in the order in which the platform took them."""

import os
import weakref
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from tempfile import TemporaryFile

import orjson

_CHUNK = 1 << 20  # bytes read at a time


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the journal.

    `at` is seconds since the epoch, `token` a hash, `status` None where the client was given
    none, `body` and `answer` what `embed` made of the bytes, `applied` whether the platform
    carried the request out (seen by the client or not), `fault` the kind of the fault that met
    it.
    """

    at: float
    method: str
    path: str
    query: Mapping[str, str]
    token: str | None
    client: str | None
    body: object
    status: int | None
    answer: object
    applied: bool
    fault: str | None
    correlation_id: str


class Journal:
    """Hold the lines in an unnamed temporary file, so that 100,000 of them cost no memory."""

    def __init__(self) -> None:
        with TemporaryFile(buffering=0) as unnamed:
            self._fd = os.dup(unnamed.fileno())
        weakref.finalize(self, os.close, self._fd)
        self._starts = array("q")
        self._end = 0

    @property
    def next_n(self) -> int:
        """The number of the next line; the first is 1."""
        return len(self._starts) + 1

    def write(self, line: Line) -> None:
        """Append a line; what is already JSON is copied as it is, not parsed again."""
        encoded = orjson.dumps(
            {
                "n": self.next_n,
                "at": line.at,
                "method": line.method,
                "path": line.path,
                "query": line.query,
                "token": line.token,
                "body": line.body,
                "status": line.status,
                "answer": line.answer,
                "applied": line.applied,
                "client": line.client,
                "fault": line.fault,
                "correlation_id": line.correlation_id,
            }
        )
        self._starts.append(self._end)
        self._end += os.write(self._fd, b",\n" + encoded)

    def read(self, since: int) -> Iterator[bytes]:
        """Yield the JSON array of the lines after number `since`, in pieces.

        The end is fixed at the first piece: lines written meanwhile are left out.
        """
        end = self._end
        since = max(since, 0)
        if since >= len(self._starts):
            yield b"[]"
            return
        yield b"["
        position = self._starts[since] + 2
        while position < end:
            piece = os.pread(self._fd, min(_CHUNK, end - position), position)
            yield piece
            position += len(piece)
        yield b"]"


def embed(content: bytes, *, known_json: bool = False) -> object:
    """Return a body for a line: JSON as it is, other text as text, nothing as null."""
    if not content:
        return None
    if not known_json:
        try:
            orjson.loads(content)
        except orjson.JSONDecodeError:
            return content.decode("utf-8", "replace")
    return orjson.Fragment(content)
