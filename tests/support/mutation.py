"""Change bytes the way faulty writers, converters and disks do, by one source of randomness."""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from connector.domain.record import Headers, Record

MARKER = "Zq7Wx9"
"""Stands in cells for what is somebody's own: no text of ours may hold it."""

_NUMBERS = (
    b"1e308 1e400 -0.0 0e-99999999999999999999 1E+9999999 9223372036854775808 9999999999999999999"
)
_NO_JSON = b"NaN -Infinity 01 +1 'x' tru " + b'"\xff\xfe" "\\ud800" "\\u0000" "\x00" \xef\xbb\xbf'
_VALUES = (
    b'null true false 0 -1 1 1.5 [] {} "" [[[]]] "c" "d" "r" "true" "*" "0xFFFF" "9-0x1" "DELETE"'
)
_VALUES += (
    b' "GAP_UPDATE" {"diff":"x"} {"a":{"b":[1.5,null]}} "__debezium_unavailable_value" "\\ufffd"'
)
_VALUES += f' "+12125550143" "\u2028é😀" "{MARKER}" "+1212{MARKER}" ["{MARKER}"]'.encode()
_LONG = (
    b"[" * 1_200 + b"]" * 1_200,
    b"9" * 5_000,
    b"1" + b"0" * 400,
    b"0.1" + b"7" * 90,
    b'"%b"' % (b"x" * 513),
)
TOKENS = (*_NUMBERS.split(), *_NO_JSON.split(b" "), *_LONG, *_VALUES.split(b" ") * 2)
"""What stands in the place of a JSON value."""

_VARINTS = (
    b"\xff" * 9 + b"\x01",
    b"\xfe" + b"\xff" * 8 + b"\x01",
    b"\xff" * 8 + b"\x7f",
    b"\x80" * 40 + b"\x01",
    b"\x80" * 12,
    b"\x01",
    b"\x00",
    b"\x02",
    b"\xfe\xff\xff\x0f",
)
_VALUE = re.compile(rb'(?<=:)\s*(?:"(?:[^"\\]|\\.)*"|[^\s,:{}\[\]"]+)')
_MEMBER = re.compile(rb'"[^"\\]{1,60}":\s*(?:"[^"\\]*"|[^\s,:{}\[\]"]+)')


class Mutation:
    """Makes records that nobody meant of those that somebody wrote.

    `others` are bytes that parts are taken of, `ids` those that a schema can be named by.
    """

    def __init__(self, rng: random.Random, others: Sequence[bytes], ids: Sequence[int]) -> None:
        self._rng = rng
        self._others = others
        self._ids = ids
        self._harsh: Sequence[Callable[[bytes], bytes]] = (
            *(self._flipped, self._cut, self._grown, self._spliced, self._repeated),
            *(self._varint, self._varint, self._renamed, self._truncated),
        )
        self._mild = {
            True: (self._flipped, self._marked, self._varint),
            False: (self._value, self._value, self._member),
        }

    def noise(self, most: int = 200) -> bytes:
        """Return bytes without a meaning, behind the frame of a schema now and then."""
        noise = self._rng.randbytes(self._rng.randrange(most))
        return self._frame() + noise if self._rng.random() < 0.4 else noise

    def record(self, record: Record) -> Record:
        """Return *record* with a different value, key or headers, or all of them."""
        chance = self._rng.random
        value = record.value if chance() < 0.2 else self._some(record.value)
        key = record.key if chance() < 0.6 else self._some(record.key)
        headers = record.headers if chance() < 0.6 else self._headers(record)
        if chance() < 0.02:
            value, key = key, value
        return replace(record, value=value, key=key, headers=headers)

    def faulty(self, data: bytes) -> bytes:
        """Return *data* with a few faults."""
        mild = self._mild[data[:1] == b"\0"]
        ways = mild if self._rng.random() < 0.85 else self._harsh
        for _ in range(self._rng.choice((1, 1, 1, 2, 3, 8))):
            data = self._rng.choice(ways)(data)
        return data

    def _some(self, data: bytes | None) -> bytes | None:
        chance = self._rng.random()
        if chance < 0.02:
            return None
        if data is None or chance < 0.07:
            return self.noise() if chance < 0.05 else self._rng.choice(TOKENS)
        return self.faulty(data)

    def _headers(self, record: Record) -> Headers:
        names = [name for name, _ in record.headers]
        names += [
            "__debezium.newkey",
            "__debezium.oldkey",
            "__op",
            "__deleted",
            "source.operation",
        ]
        made = [(self._rng.choice(names), self._some(self._any())) for _ in range(3)]
        kept = [each for each in record.headers if self._rng.random() < 0.8]
        return (*kept, *made[: self._rng.randrange(4)])

    def _any(self) -> bytes:
        return self._rng.choice(self._others)

    def _at(self, data: bytes) -> int:
        """Return a place, rather behind the frame than in it."""
        first = 5 if data[:1] == b"\0" and len(data) > 5 and self._rng.random() < 0.95 else 0
        return self._rng.randrange(first, len(data) + 1)

    def _frame(self) -> bytes:
        return b"\0" + self._rng.choice(self._ids).to_bytes(4, "big")

    def _value(self, data: bytes) -> bytes:
        found = list(_VALUE.finditer(data))
        if not found:
            return self._flipped(data)
        each = self._rng.choice(found)
        token = self._rng.choice(TOKENS)
        return data[: each.start()] + token + data[each.end() :]

    def _member(self, data: bytes) -> bytes:
        """Put a member of one object into another, a name that is there already perhaps."""
        other = self._any() if self._rng.random() < 0.5 else data
        found: list[bytes] = _MEMBER.findall(other if other[:1] == b"{" else data)
        at = data.rfind(b"{", 0, self._rng.randrange(len(data) + 1) + 1)
        if not found or at < 0:
            return self._grown(data)
        return data[: at + 1] + self._rng.choice(found) + b"," + data[at + 1 :]

    def _repeated(self, data: bytes) -> bytes:
        start = self._at(data)
        end = start + self._rng.randrange(1, 40)
        return data[:end] + data[start:end] * self._rng.choice((1, 1, 2, 30)) + data[end:]

    def _flipped(self, data: bytes) -> bytes:
        at = self._at(data)
        return data[:at] + self._rng.randbytes(1) + data[at + 1 :]

    def _cut(self, data: bytes) -> bytes:
        at = self._at(data)
        return data[:at] + data[at + self._rng.randrange(1, 20) :]

    def _grown(self, data: bytes) -> bytes:
        at = self._at(data)
        return data[:at] + self._rng.randbytes(self._rng.randrange(1, 9)) + data[at:]

    def _spliced(self, data: bytes) -> bytes:
        other = self._any()
        return data[: self._at(data)] + other[self._at(other) :]

    def _varint(self, data: bytes) -> bytes:
        at = self._at(data)
        return data[:at] + self._rng.choice(_VARINTS) + data[at + self._rng.randrange(2) :]

    def _marked(self, data: bytes) -> bytes:
        """Write over part of it, so that lengths in front of a text stay true."""
        at = self._at(data)
        return data[:at] + MARKER.encode() + data[at + len(MARKER) :]

    def _renamed(self, data: bytes) -> bytes:
        """Name another schema."""
        return self._frame() + data[5:] if data[:1] == b"\0" else self._value(data)

    def _truncated(self, data: bytes) -> bytes:
        return data[: self._at(data)]
