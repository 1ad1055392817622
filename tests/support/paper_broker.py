"""A broker on paper behind the real `Sender`: it keeps what is produced until it is let have it."""

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass

from connector.domain.record import Record
from connector.stream.producer import Headers, OnAck


@dataclass(frozen=True, slots=True)
class Waiting:
    """A send without a report."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    on_ack: OnAck


class PaperBroker:
    """Topics of one partition each. `now_ms` stamps the records."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self.waiting: deque[Waiting] = deque()
        self.logs: defaultdict[str, list[Record]] = defaultdict(list)

    def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        on_ack: OnAck,
        *,
        partition: int | None = None,
        headers: Headers = (),
        on_too_large: Callable[[], None] | None = None,
    ) -> None:
        """Queue a record."""
        del partition, on_too_large
        self.waiting.append(Waiting(topic, key, value, headers, on_ack))

    def purge(self) -> None:
        """Forget what waits."""
        self.waiting.clear()

    def deliver(self) -> None:
        """Take all that waits, and report it in order."""
        while self.waiting:
            each = self.waiting.popleft()
            log = self.logs[each.topic]
            offset = len(log)
            headers = tuple(each.headers)
            log.append(
                Record(each.topic, 0, offset, self._now_ms(), each.key, each.value, headers)
            )
            each.on_ack(offset)

    def fetch_record(self, topic: str, partition: int, offset: int) -> Record | None:
        """Return a record of a topic."""
        del partition
        return next((each for each in self.logs[topic] if each.offset == offset), None)
