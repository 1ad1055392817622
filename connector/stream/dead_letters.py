"""Encode dead letters: the record as it was, and in headers why it was set aside."""

from dataclasses import dataclass, field, replace

from connector.domain.dead_letter import DeadLetter
from connector.domain.record import Headers
from connector.stream.moments import rfc3339

_OVERHEAD = 16
"""Bytes that the log adds to a record or a header at most (lengths as varints, attributes)."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter as it goes to the topic.

    `original` are the record's own headers, `ours` the `connector.*` that say why. `whole` is the
    length of the value before any cut.
    """

    key: bytes | None = field(repr=False)
    value: bytes | None = field(repr=False)
    original: Headers = field(repr=False)
    ours: Headers = field(repr=False)
    whole: int

    @property
    def headers(self) -> Headers:
        """Return all headers in the order in which they are written."""
        return self.original + self.ours

    @property
    def size(self) -> int:
        """Return how many bytes the letter takes in the log, at most."""
        texts = sum(len(name.encode()) + len(text or b"") for name, text in self.headers)
        body = len(self.key or b"") + len(self.value or b"")
        return body + texts + _OVERHEAD * (1 + len(self.headers))


def encode(letter: DeadLetter, connector_version: str) -> Letter:
    """Return *letter* with key, value and headers of the record untouched (contract.md)."""
    record = letter.record
    known = {
        "reason": letter.reason.value,
        "text": letter.text,
        "stage": letter.stage.value,
        "http_status": letter.receipt.http_status,
        "correlation_id": letter.receipt.correlation_id,
        "attempts": letter.attempts,
        "source": record.coordinates,
        "first_seen": rfc3339(letter.first_seen),
        "lead_id": letter.lead_id,
        "version": connector_version,
    }
    ours = tuple(_header(name, told) for name, told in known.items() if told is not None)
    return Letter(record.key, record.value, record.headers, ours, len(record.value or b""))


def cut(letter: Letter) -> Letter | None:
    """Return *letter* at half the size, for a broker that refused it; None if nothing is left.

    The value gives first, then the key, then the record's own headers. The reason stays, and
    `connector.truncated` says how much is left of the value.
    """
    value, key = letter.value or b"", letter.key or b""
    original = letter.original
    spare = letter.size // 2
    if value:
        value = value[: max(len(value) - spare, 0)]
    elif key:
        key = key[: max(len(key) - spare, 0)]
    elif original:
        original = ()
    else:
        return None
    told = _header("truncated", f"{len(value)} of {letter.whole} bytes of the value are here")
    return replace(
        letter,
        value=None if letter.value is None else value,
        key=None if letter.key is None else key,
        original=original,
        ours=(*(each for each in letter.ours if each[0] != told[0]), told),
    )


def _header(name: str, told: object) -> tuple[str, bytes]:
    return f"connector.{name}", str(told).encode("utf-8", "replace")
