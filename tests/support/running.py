"""Everything that an end-to-end test runs beside the broker, in one place."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pydantic import JsonValue

from tests.support.brokers import Broker
from tests.support.control import Control
from tests.support.feed import Feed, no_schema
from tests.support.leaks import header_texts, leaks, said_by
from tests.support.playing import Stage
from tests.support.scene import Scene
from tests.support.site import Site, SourceText, campaign_of
from tests.support.topics import Read, create_topics, read_topic
from tests.support.worker import Workers, command, simulator, workers

OWN_TOPICS = (
    "{}.lead-changes",
    "{}.opt-outs",
    "{}.outcomes",
    "{}.dead-letters",
    "{}-lead-state-changelog",
    "{}.control",
)
LASTING = {"retention.ms": "-1", "message.timestamp.after.max.ms": "9223372036854775807"}
"""What a source topic needs to take records of any day and keep them."""


class Schemas(Protocol):
    """A schema registry, real or not."""

    @property
    def url(self) -> str:
        """Where it speaks the Confluent protocol."""
        ...

    def schema(self, schema_id: int) -> object:
        """Give the schema of that id, parsed."""
        ...


@dataclass(frozen=True, slots=True)
class Running:
    """A simulator, topics and settings, and workers that a test starts when it wants to."""

    broker: Broker
    site: Site
    control: Control
    workers: Workers
    feed: Feed

    @property
    def stage(self) -> Stage:
        """What a history is played on, with workers that must stay alive."""
        return Stage(self.broker, self.control, self.feed, self.workers.demand_alive)

    def letters(self) -> list[Read]:
        """Every dead letter so far."""
        return read_topic(self.broker, self.site.topic("dead-letters"))

    def campaigns(self) -> list[dict[str, JsonValue]]:
        """Every campaign as it is."""
        return [self.control.campaign(campaign_of(each)) for each in self.site.scene.lists]

    def leaks(self, metrics: str) -> list[str]:
        """Name every leak: in what processes said, metrics, outcomes and our headers."""
        texts = said_by(self.site.directory) | {
            "metrics": metrics,
            "outcomes": b"\n".join(self.feed.raw).decode(errors="replace"),
            "headers of dead letters": header_texts(self.letters()),
        }
        return leaks(texts)


def application() -> str:
    """Name an application that nobody had before on this broker."""
    return f"e2e-{uuid.uuid4().hex[:10]}"


@contextmanager
def running(
    broker: Broker,
    directory: Path,
    scene: Scene,
    sources: Sequence[SourceText],
    *,
    requests_per_minute: int = 6_000,
    topic_config: Mapping[str, str] | None = None,
    extra: Mapping[str, str] | None = None,
    campaigns: Sequence[Mapping[str, object]] = (),
    registry: Schemas | None = None,
    checked: bool = True,
    linger_seconds: float = 0.2,
) -> Iterator[Running]:
    """Run the simulator, make the topics, and check (*checked*) that everything is there.

    On the embedded broker, which neither makes nor describes topics, they are touched and the
    two commands left out.
    """
    site = Site(
        directory,
        broker.bootstrap_servers,
        application(),
        scene,
        sources,
        requests_per_minute,
        extra or {},
        campaigns=campaigns,
        registry=None if registry is None else registry.url,
        linger_seconds=linger_seconds,
    )
    with ExitStack() as stack:
        control = Control(stack.enter_context(simulator(site)))
        stack.callback(control.close)
        for source in sources:
            count = source.partitions if broker.real else None
            config = LASTING | dict(topic_config or {})
            create_topics(broker, source.topics, count or scene.partitions, config)
        make_own_topics(broker, site)
        if broker.real and checked:
            succeed(site, "check")
        schema_of = no_schema if registry is None else registry.schema
        feed = Feed(broker, site.topic("outcomes"), schema_of)
        stack.callback(feed.close)
        yield Running(broker, site, control, stack.enter_context(workers(site)), feed)


def make_own_topics(broker: Broker, site: Site) -> None:
    """Make the connector's topics: by its command, or by touching them on the embedded broker."""
    if broker.real:
        succeed(site, "topics", "create")
        return
    names = [name.format(site.application_id) for name in OWN_TOPICS]
    create_topics(broker, names, site.scene.partitions)


def succeed(site: Site, *words: str) -> str:
    """Run a command that must exit with 0; give what it wrote to standard output."""
    finished = command(site, *words)
    assert finished.returncode == 0, f"{words}: {finished.returncode}\n{finished.stderr[-3_000:]}"
    return finished.stdout
