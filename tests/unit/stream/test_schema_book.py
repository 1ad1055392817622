"""The book of schemas: asked in a thread, once for each id, one bad id in nobody's way."""

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from connector.cdc.avro import NoSchema
from connector.cdc.avro_schema import AvroSchema
from connector.domain.reason import Reason
from connector.registry.access import RegistryAwayError
from connector.registry.writer_schemas import SchemaText
from connector.stream import schema_book
from connector.stream.facts import SchemaAnswer
from connector.stream.schema_book import SchemaBook
from tests.support.unheard import Unheard

TEXT = SchemaText('"string"')


class Heard(Unheard):
    """Facts of which only the answers count."""

    def __init__(self) -> None:
        self.answers: Counter[SchemaAnswer] = Counter()

    def schema_asked(self, result: SchemaAnswer) -> None:
        """Count it."""
        self.answers[result] += 1


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for hundredths of seconds where a worker waits for seconds."""
    monkeypatch.setattr(schema_book, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(schema_book, "LAG_SECONDS", 0.0)
    monkeypatch.setattr(schema_book, "MEMORY_SECONDS", 0.3)


@asynccontextmanager
async def running(
    fetch: Callable[[int], SchemaText | None], heard: Heard | None = None
) -> AsyncIterator[SchemaBook]:
    """Run a book; it must not fail."""
    failures: list[BaseException] = []
    clock = asyncio.get_running_loop().time
    book = SchemaBook(fetch, clock, lambda: 0.0, heard or Heard(), failures.append)
    task = asyncio.create_task(book.run())
    yield book
    task.cancel()
    assert not failures


async def known(book: SchemaBook, *ids: int) -> None:
    """Wait until something is known of these ids."""
    async with asyncio.timeout(5):
        while any(book.lookup(each) is None for each in ids):  # noqa: ASYNC110 - no event tells
            await asyncio.sleep(0.005)


async def test_the_loop_goes_on_while_a_registry_hangs() -> None:
    """The question hangs in a thread; whoever wants the same id meanwhile asks nothing more."""
    answer, asked = threading.Event(), Counter[int]()

    def fetch(schema_id: int) -> SchemaText:
        asked[schema_id] += 1
        answer.wait(5)
        return TEXT

    async with running(fetch) as book:
        for _ in range(3):
            book.want(7)
            await asyncio.sleep(0.01)
        assert book.lookup(7) is None
        answer.set()
        await known(book, 7)
        book.want(8)
        await known(book, 8)
        assert isinstance(book.lookup(7), AvroSchema)
        assert asked == {7: 1, 8: 1}
        assert book.learnt == 2


async def test_one_id_in_trouble_keeps_no_other_from_its_answer() -> None:
    """A registry can fail at one schema and serve the others."""

    def fetch(schema_id: int) -> SchemaText:
        if schema_id == 7:
            raise RegistryAwayError("HTTP 500")
        return TEXT

    async with running(fetch) as book:
        book.want(7)
        book.want(8)
        book.want(9)
        await known(book, 8, 9)
        assert book.lookup(7) is None


async def test_a_new_id_does_not_wait_for_one_that_fails_again_and_again() -> None:
    """The pause between two questions for the same has grown; what is new is asked for at once."""
    heard = Heard()

    def fetch(schema_id: int) -> SchemaText:
        if schema_id == 7:
            raise RegistryAwayError("HTTP 500")
        return TEXT

    async with running(fetch, heard) as book:
        book.want(7)
        async with asyncio.timeout(5):
            while heard.answers[SchemaAnswer.AWAY] < 8:  # noqa: ASYNC110 - no event tells
                await asyncio.sleep(0.005)
        book.want(8)  # the next try of 7 is 640 ms away
        async with asyncio.timeout(0.3):
            await known(book, 8)
        assert heard.answers[SchemaAnswer.AWAY] < 12


async def test_a_book_that_gives_up_asks_for_nothing_and_keeps_what_comes() -> None:
    """The partitions left while a question was in the air."""
    answer, asked = threading.Event(), Counter[int]()

    def fetch(schema_id: int) -> SchemaText:
        asked[schema_id] += 1
        answer.wait(5)
        return TEXT

    async with running(fetch) as book:
        book.want(7)
        book.want(8)
        await asyncio.sleep(0.02)
        book.give_up()
        answer.set()
        await known(book, 7)
        await asyncio.sleep(0.05)
        assert asked == {7: 1}


async def test_an_unknown_id_is_asked_for_again_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What somebody registers by hand is found; of ids in broken records some are kept."""
    monkeypatch.setattr(schema_book, "UNKNOWN_KEPT", 3)
    texts: dict[int, SchemaText] = {}
    heard = Heard()
    async with running(texts.get, heard) as book:
        for schema_id in range(5):
            book.want(schema_id)
            await known(book, schema_id)
        found = book.lookup(4)
        assert isinstance(found, NoSchema)
        assert found.reason is Reason.SCHEMA_UNKNOWN
        assert [book.lookup(each) is None for each in range(5)] == [
            True,
            True,
            False,
            False,
            False,
        ]
        texts[4] = TEXT
        await asyncio.sleep(0.35)
        assert book.lookup(4) is None
        book.want(4)
        await known(book, 4)
        assert isinstance(book.lookup(4), AvroSchema)
        assert heard.answers == {SchemaAnswer.UNKNOWN: 5, SchemaAnswer.FOUND: 1}
