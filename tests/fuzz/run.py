"""Feed the decoders inputs, and keep the books: what they came to, how slow, how much memory."""

import random
import traceback
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import psutil

from connector.cdc.decoding import Decoded, Unreadable
from tests.fuzz.inputs import UNKNOWN, Input, Inputs
from tests.fuzz.laws import judged

_WARM = 5
"""One part in so many is warm-up: caches fill, and the allocator takes what the largest needs."""

_LONGEST = 20_000
"""Characters of an input that is written down."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An input that broke a law, as Python has it, and how."""

    number: int
    made: Input
    error: str

    def __str__(self) -> str:
        record = self.made.record
        literal = f"a_record({record.value!r}, {record.key!r}, {record.headers!r})"
        if len(literal) > _LONGEST:
            literal = f"{literal[:_LONGEST]}… it is long: --only {self.number} makes it again"
        read = f"{self.made.envelope} {self.made.encoding} {self.made.role}"
        return f"input {self.number}, {read}:\n{literal}\n{self.error}"


@dataclass(slots=True)
class Books:
    """What the inputs of one process came to. Memory is resident, in bytes."""

    inputs: int = 0
    results: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    slowest_number: int = 0
    warm: int = 0
    end: int = 0
    failures: list[Failure] = field(default_factory=list)


def fed(seed: int, numbers: range, most_failures: int = 5) -> Books:
    """Feed the inputs of *numbers*, and end early where many break a law."""
    inputs, books, process = Inputs(seed), Books(), psutil.Process()
    for number in numbers:
        made = inputs.made(number)
        try:
            decoded, took = judged(inputs.decoder(made), made.record, UNKNOWN)
        except Exception:  # noqa: BLE001 - that is what is looked for
            books.failures.append(Failure(number, made, traceback.format_exc(limit=-4)))
            if len(books.failures) >= most_failures:
                break
            continue
        books.inputs += 1
        books.results[_kind(decoded)] += 1
        if took > books.slowest:
            books.slowest, books.slowest_number = took, number
        if books.inputs == len(numbers) // _WARM:
            books.warm = process.memory_info().rss
    books.end = process.memory_info().rss
    return books


def fresh_seed() -> int:
    """Return a seed that nobody has seen yet."""
    return random.SystemRandom().randrange(10**9)


def together(each: Iterable[Books]) -> Counter[str]:
    """Return all results."""
    total: Counter[str] = Counter()
    for books in each:
        total.update(books.results)
    return total


def _kind(decoded: Decoded) -> str:
    name = type(decoded).__name__
    return f"{name} {decoded.reason}" if isinstance(decoded, Unreadable) else name
