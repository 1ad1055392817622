"""The settings as a whole: as the file has them, and as everything else gets them."""

from collections.abc import Mapping

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from connector.settings.genesys import Genesys
from connector.settings.kafka import Kafka
from connector.settings.lists import ContactList
from connector.settings.mapping import LeadMapping
from connector.settings.registry import Registry
from connector.settings.safety import Brakes, Compliance
from connector.settings.section import Section
from connector.settings.source import Source
from connector.settings.topics import TopicNames
from connector.settings.worker import Apply, Ops, Outcomes, State

ENV_PREFIX = "CONNECTOR_"
ENV_DELIMITER = "__"


class Document(BaseSettings):
    """The sections of the settings file, in the order in which people read them.

    `loading` reads each section by its type here; nothing is ever built from this class.
    """

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX,
        env_nested_delimiter=ENV_DELIMITER,
        frozen=True,
        hide_input_in_errors=True,
    )

    kafka: Kafka
    registry: Registry | None = None
    source: Source | None = None
    sources: dict[str, Source] = Field(default_factory=dict)
    mapping: LeadMapping = LeadMapping()
    genesys: Genesys
    lists: dict[str, ContactList]
    apply: Apply = Field(default_factory=Apply)
    outcomes: Outcomes = Field(default_factory=Outcomes)
    state: State
    compliance: Compliance = Field(default_factory=Compliance)
    brakes: Brakes = Field(default_factory=Brakes)
    ops: Ops = Field(default_factory=Ops)


class Settings(Section):
    """What the connector was told, whole and checked. Each part is handed to those who need it."""

    kafka: Kafka
    registry: Registry | None = None
    sources: Mapping[str, Source]
    """By name; the source of `[source]` is named `default`. Each has its effective mapping."""
    mapping: LeadMapping
    genesys: Genesys
    lists: Mapping[str, ContactList]
    apply: Apply
    outcomes: Outcomes
    state: State
    compliance: Compliance
    brakes: Brakes
    ops: Ops

    @property
    def topics(self) -> TopicNames:
        """Names of our own topics."""
        return TopicNames(self.kafka.application_id)

    @property
    def source_topics(self) -> tuple[str, ...]:
        """Every topic that is read as a source, in the order of the file."""
        return tuple(topic for source in self.sources.values() for topic in source.topics)

    @property
    def dnc_lists(self) -> tuple[str, ...]:
        """The platform's ids of all DNC lists named, each once, in the order of the file."""
        return tuple(dict.fromkeys(entry.dnc_list for entry in self.lists.values()))

    def source_of(self, topic: str) -> tuple[str, Source]:
        """Find the source that reads *topic*, with its name.

        Raises:
            KeyError: no source does.
        """
        for name, source in self.sources.items():
            if topic in source.topics:
                return name, source
        raise KeyError(topic)

    def columns(self, list_name: str, source_name: str) -> Mapping[str, str]:
        """Give the columns (= source field) that a list takes from a source."""
        own = self.lists[list_name].columns
        return self.sources[source_name].mapping.columns if own is None else own
