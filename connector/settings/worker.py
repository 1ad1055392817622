"""Sections about a worker's own running: `[apply]`, `[outcomes]`, `[state]`, `[ops]`."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from connector.settings.section import Section
from connector.settings.values import (
    DAY,
    Address,
    Count,
    Encoding,
    Number,
    Secret,
    Span,
    Text,
    at_least,
    at_most,
    within,
)


class Apply(Section):
    """How changes are collected and sent."""

    batch_size: Annotated[Count, within(1, 1000)] = 50
    """Contacts in one request, 1 to 1000 (the platform's limit)."""
    linger_seconds: Annotated[Number, within(0, 300)] = 0.5
    """How long a batch waits to fill up, at most, in seconds."""
    max_pending: Annotated[Count, within(1, 10_000_000)] = 2000
    """Changes held in memory by a worker; at most half of it behind shut gates, then they
    defer."""
    max_unsettled: Annotated[Count, within(1, 10_000_000)] = 1000
    """Rows sent or accepted without a durable state row: the bound of repeats after a crash."""
    drain: Annotated[Span, at_least("1s"), at_most("10m")] = 20.0
    """How long work in the air may take to end on SIGTERM and when partitions leave."""
    max_age: Annotated[Span | None, at_least("1s"), Field(examples=["72h"])] = None
    """A new lead older than this is not inserted: `suppressed/expired`. Its age is now less
    `age_field`, else the commit time, else the record's timestamp; judged when the batch is
    cut. A lead that any list knows is not new. Absent: no limit."""
    age_field: Annotated[Text | None, Field(examples=["created_at"])] = None
    """With `max_age`: the source field that a lead's age is counted from, by one name in every
    source: a date or time as text, else days, seconds, ms, µs or ns since 1970; UTC where it
    names no zone. Absent, empty or unreadable: the commit time of the newest change."""


class Outcomes(Section):
    """The outcome topic and the dead letters."""

    encoding: Encoding = "json"
    """`avro` or `json`; absent: `avro` with a `[registry]`, else `json`."""
    retention: Annotated[Span, at_least("1m")] = 30 * DAY
    """How long the outcome topic keeps its records."""
    dead_letter_retention: Annotated[Span, at_least("1m")] = 90 * DAY
    """How long dead letters are kept."""


class State(Section):
    """What is remembered of each lead: ids, times and keyed digests; no name, no number."""

    store: Literal["rocksdb", "memory"] = "rocksdb"
    """`rocksdb` keeps it on disk and restarts warm; `memory` reads its changelog each time."""
    directory: Path = Path("state")
    """Where it lies on disk, from the working directory; one for each worker."""
    missing: Literal["refuse", "empty"] = "refuse"
    """What to do when there are committed offsets but no changelog: `refuse` to start, or
    begin with an `empty` state, which knows of no opt-out."""
    secret: Annotated[Secret, Field(examples=["32 random characters or more"])]
    """Key of the digests in the state; keep it for the life of the application."""
    secret_previous: Secret | None = None
    """The key before, while it is being changed: costs one repeated request for a lead."""


class Ops(Section):
    """Health, metrics and console over HTTP; the log."""

    listen: Address = "127.0.0.1:8080"
    """Address to serve them on."""
    token: Secret | None = None
    """Token that the console and metrics ask for; demanded when `listen` is not on loopback.
    `/health/` never asks for it."""
    log_format: Literal["text", "json"] = "text"
    """`text` for people, `json` for machines."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least important lines to write: `debug`, `info`, `warning` or `error`."""
