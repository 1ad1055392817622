"""Hold where a change came from: the source record and the part of it."""

from dataclasses import dataclass

from connector.domain.ids import OutcomeId

PERSON = "#person"
"""The source of what a person says by a command; no source of the settings is named so."""

NO_OFFSET = -1
"""The offset of what a person says until it is read: its own record is its place."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Place of the source record that a change came from.

    `source` is the name of the settings' source (`default` for `[source]`). `topic_id` is Kafka's
    id of the topic, which changes when a topic is made anew; on brokers that do not tell it, the
    topic's name. `timestamp` is the record's, in ms. `part` counts the `parts` changes of one
    record from 1; opt-outs that follow a changed key count on behind them.
    """

    source: str
    topic: str
    topic_id: str
    partition: int
    offset: int
    timestamp: int
    part: int = 1
    replay_id: str | None = None
    parts: int = 1

    @property
    def outcome_id(self) -> OutcomeId:
        """Return the id of the one outcome that this change ends in (contract.md section 4)."""
        place = f"{self.topic}/{self.partition}/{self.offset}"
        part = f"/{self.part}" if self.part > 1 else ""
        replay = f"@{self.replay_id}" if self.replay_id else ""
        return OutcomeId(f"{place}{part}{replay}")
