"""Brakes `dead_letters` that the test pulls and releases, for engines that know no `A.control`."""

from connector.domain.record import TopicPartition


class FakeLetterBrakes:
    """Stands where it was pulled; keeps what people were told."""

    def __init__(self, share: float = 0.0) -> None:
        self.share = share
        self.told: dict[TopicPartition, str] = {}

    def stands(self, place: TopicPartition) -> bool:
        """Say whether it is pulled there."""
        return place in self.told

    def pull(self, place: TopicPartition, detail: str) -> None:
        """Pull it."""
        self.told[place] = detail

    async def learn(self) -> None:
        """Know it already."""

    def release(self, place: TopicPartition) -> None:
        """Let it go, as a person does."""
        del self.told[place]
