"""Run one worker: put its parts together, join the group, end when it is told to or must."""

import asyncio
import os
import random
import signal
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

import structlog
import uvloop

from connector import __version__
from connector.cdc.avro import nothing_known
from connector.cdc.decoding import Decoder
from connector.genesys.platform import Platform, Surroundings
from connector.genesys.quota import Quota
from connector.planning.gates import Gates
from connector.planning.pace import Pace
from connector.registry.access import RegistryRefusedError
from connector.registry.own_schemas import value_subject
from connector.registry.writer_schemas import WriterSchemas
from connector.settings.model import Settings
from connector.stream import composition
from connector.stream.app import ConnectorApp, build
from connector.stream.budget_claims import RoomForCommands
from connector.stream.carrier import FaustGroup
from connector.stream.control import Control, written_to
from connector.stream.deferred import DeferredRecords
from connector.stream.deferring import DeferringTerms
from connector.stream.engine import Ending, Engine, Topics
from connector.stream.garbage import spare_collector
from connector.stream.health import Health
from connector.stream.intake import Intake
from connector.stream.lease import Lease, LeaseLapsed
from connector.stream.letter_brakes import PulledLetterBrakes
from connector.stream.memory_table import MemoryTable
from connector.stream.names import label_names, list_names, names_of
from connector.stream.outcome_schema import OutcomeSchema
from connector.stream.outcomes import avro_encoder, json_encoder
from connector.stream.producer import Delivery, Producer
from connector.stream.reader import Reader
from connector.stream.rocks_table import Disk, RocksTable
from connector.stream.schema_book import SchemaBook
from connector.stream.sends import Sender
from connector.stream.side_jobs import SideJobs
from connector.stream.starts import KafkaStarts
from connector.stream.startup import RefusedError, Waiting, list_book, source_topic_ids
from connector.stream.state_table import StateTable
from connector.stream.steady import steady_clock
from connector.stream.tenure import Shared
from connector.stream.watcher import Watcher
from connector.stream.web import Listen, ListenError, Web
from connector.telemetry.metrics import Metrics

log = structlog.get_logger("connector.worker")

DONE, FAILED, REFUSED, LAPSED, INTERRUPTED = 0, 1, 3, 75, 130
"""Exit codes (contract.md section 2)."""

CUT_SECONDS = 1.0
"""How long a start that is cut off may take to end."""

STOP_SPARE = 8.0
"""Seconds beyond the drain after which a stop that hangs is cut off: Faust may wait for a broker
that is gone for ever (faust.md section 10)."""

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
"""Where the token is not demanded (contract.md section 5)."""

LARGEST_RECORD = 100 * 1024 * 1024
"""What the producer lets pass: the brokers' own limits decide, and a letter is cut by them."""


def run(settings: Settings, last_word: Callable[[int], None]) -> int:
    """Run one worker until SIGTERM or SIGINT; return the exit code of one that was refused.

    One that began to work ends the process by itself, after *last_word* had the exit code: a
    thread that waits for a broker which is gone would keep it for half a minute.
    """
    spare_collector()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_Worker(settings, last_word).run())


class _Worker:
    """The life of the process, from settings to exit code."""

    def __init__(self, settings: Settings, last_word: Callable[[int], None]) -> None:
        self._settings = settings
        self._last_word = last_word
        self._clock = steady_clock()
        self._code: asyncio.Future[int] | None = None
        self._engine: Engine | None = None
        self._producer: Producer | None = None
        self._ending: float | None = None

    async def run(self) -> int:
        self._code = asyncio.get_running_loop().create_future()
        with self._signals():
            return await self._run()

    async def _run(self) -> int:
        health = Health(self._clock)
        metrics = Metrics(label_names(self._settings), __version__)
        gates = Gates()
        watcher = Watcher(health, metrics, gates, names_of(self._settings), self._clock)
        web = Web(health, metrics.render, _listen(self._settings))
        try:
            await web.start()
        except ListenError as taken:
            return _refuse((str(taken),))
        health_at = f"http://{web.address}/health/ready"
        log.info("worker.started", version=__version__, health=health_at)
        try:
            jobs = SideJobs(self._settings, health, metrics, self._clock, self._fatal)
            code = await self._work(watcher, gates, jobs)
        except RefusedError as refused:
            return _refuse(refused.problems)
        finally:
            await web.stop()
        return self._leave(code)

    async def _work(self, watcher: Watcher, gates: Gates, jobs: SideJobs) -> int:
        settings, clock = self._settings, self._clock
        lease = Lease(settings.kafka.session_timeout, clock)
        pace = Pace(settings.genesys.requests_per_minute)
        surroundings = Surroundings(lease.check, watcher.notice, clock, random.random)
        async with Platform(
            composition.endpoint(settings), Quota(pace, clock, watcher.slot), surroundings
        ) as platform:
            starting = asyncio.create_task(self._start(platform, lease, watcher, gates, jobs))
            assert self._code is not None  # noqa: S101 - set by `run`
            await asyncio.wait((starting, self._code), return_when=asyncio.FIRST_COMPLETED)
            if not starting.done():
                starting.cancel()
                await asyncio.wait((starting,), timeout=CUT_SECONDS)
                return self._code.result()
            app, tasks = starting.result()
            code = await self._code
            await self._stop(app, code)
            for task in tasks:
                task.cancel()
            return code

    async def _start(
        self,
        platform: Platform,
        lease: Lease,
        watcher: Watcher,
        gates: Gates,
        jobs: SideJobs,
    ) -> tuple[ConnectorApp, list[asyncio.Task[None]]]:
        """Check the environment, put the parts together and join the group."""
        settings, clock = self._settings, self._clock
        waiting = Waiting(random.random, watcher.unreachable)
        keep_alive = asyncio.create_task(_keep_alive(watcher, lease, clock))
        ids = await source_topic_ids(settings, waiting)
        book = await list_book(platform, settings, waiting)
        reader = Reader(composition.kafka(settings), settings.kafka.application_id)
        brakes = jobs.brakes(gates, self._control(reader))
        letter_brakes = PulledLetterBrakes(settings.brakes.dead_letter_share, brakes)
        await brakes.begin()
        keep_alive.cancel()
        watcher.lists_read()
        producer = self._producer = Producer(
            composition.kafka(settings),
            Delivery(record_bytes=LARGEST_RECORD, timeout=_send_timeout(settings)),
            self._fatal,
            watcher.broker,
        )
        sender = Sender(
            producer,
            reader,
            composition.own_topics(settings),
            __version__,
            facts=watcher,
            fatal=self._fatal,
        )
        schemas = self._schemas(watcher)
        tasks = await self._outcomes(sender, watcher)
        digests = composition.digests(settings)
        lookup = nothing_known if schemas is None else schemas.lookup
        decoders = {
            topic: Decoder(spec, digests, lookup)
            for spec in composition.source_specs(settings)
            for topic in spec.topics
        }
        app = build(composition.app_settings(settings))
        shared = Shared(
            policy=composition.policy(settings, book),
            bounds=composition.bounds(settings),
            table=_table(settings, reader),
            sends=sender,
            intake=Intake(decoders, ids, sender, clock, schemas),
            quota=platform.quota,
            delivery=platform.delivery(book),
            gates=gates,
            brakes=brakes.brakes,
            group=FaustGroup(app),
            clock=clock,
            fatal=self._fatal,
            facts=watcher,
            campaigns=jobs.campaigns(platform.exchange, self._control(reader)),
            rounds=jobs.rounds(platform.exchange, gates),
            deferring=DeferringTerms(
                DeferredRecords(self._control(reader), lambda: uuid.uuid4().hex),
                reader,
                settings.topics.lead_changes,
                composition.patience(settings),
                list_names(settings),
            ),
            letter_brakes=letter_brakes,
        )
        names = settings.topics
        topics = Topics(
            frozenset(settings.source_topics),
            names.lead_changes,
            names.opt_outs,
            settings.kafka.partitions,
        )
        engine = self._engine = Engine(
            shared,
            topics,
            KafkaStarts(reader, names.opt_outs),
            lease,
            Ending(settings.apply.drain, lambda: producer.open, sender.purge),
        )
        app.work, app.ended = engine, self._fatal
        brakes.held_by = engine.held_by
        room = RoomForCommands(self._control(reader), platform.quota, clock)
        tasks += [asyncio.create_task(each.run()) for each in (producer, room, brakes)]
        if schemas is not None:
            tasks.append(asyncio.create_task(schemas.run()))
        lease.confirmed(clock())
        engine.start()
        app.in_worker = True
        await app.start()
        return app, tasks

    async def _outcomes(self, sender: Sender, watcher: Watcher) -> list[asyncio.Task[None]]:
        """Say how outcomes are written; return what still asks the registry for their schema."""
        try:
            subjects = composition.outcome_subjects(self._settings)
        except RegistryRefusedError as refused:
            raise RefusedError((str(refused),)) from None
        if subjects is None:
            sender.encodes(json_encoder(__version__))
            return []

        def known(schema_id: int) -> None:
            sender.encodes(avro_encoder(__version__, schema_id))
            watcher.outcomes_flow()

        subject = value_subject(self._settings.topics.outcomes)
        schema = OutcomeSchema(subjects, subject, known, watcher.outcomes_held, self._fatal)
        return await schema.begin()

    def _schemas(self, watcher: Watcher) -> SchemaBook | None:
        """Return what gets writers' schemas, None without a registry.

        Raises:
            RefusedError: its certificates cannot be read.
        """
        access = composition.registry_access(self._settings)
        if access is None:
            return None
        try:
            writers = WriterSchemas(access)
        except RegistryRefusedError as refused:
            raise RefusedError((str(refused),)) from None
        return SchemaBook(writers.get, self._clock, random.random, watcher, self._fatal)

    def _control(self, reader: Reader) -> Control:
        topic = self._settings.topics.control
        return Control(reader, topic, written_to(composition.kafka(self._settings), topic))

    async def _stop(self, app: ConnectorApp, code: int) -> None:
        """Stop Faust, which drains the engine first; cut off what hangs."""
        if code not in (DONE, INTERRUPTED) and self._engine is not None:
            self._engine.abandon()
        limit = self._settings.apply.drain + STOP_SPARE
        stopping = asyncio.create_task(app.stop())
        await asyncio.wait((stopping,), timeout=limit)
        if not stopping.done():
            log.warning("worker.stop_cut_off", seconds=limit)
            self._leave(code)
        stopping.result()
        if self._producer is not None:
            self._producer.close()

    def _fatal(self, reason: BaseException) -> None:
        """End the worker; the first reason counts, and nothing settles behind it."""
        if self._code is None or self._code.done():
            return
        if isinstance(reason, LeaseLapsed):
            log.error("worker.lease_lapsed", detail=str(reason))
            if self._producer is not None:
                self._producer.close()
            self._leave(LAPSED)
        if self._engine is not None:
            self._engine.abandon()
        if isinstance(reason, RefusedError):
            self._end(_refuse(reason.problems))
            return
        log.error("worker.failed", exc_info=reason)
        self._end(FAILED)

    def _told(self, code: int) -> None:
        if self._code is not None and not self._code.done():
            log.info("worker.stopping")
            self._end(code)

    def _end(self, code: int) -> None:
        assert self._code is not None  # noqa: S101 - set by `run`
        self._ending = self._clock()
        self._code.set_result(code)

    def _leave(self, code: int) -> NoReturn:
        """End the process now, whatever its threads wait for."""
        took = 0.0 if self._ending is None else self._clock() - self._ending
        log.info("worker.stopped", seconds=round(took, 1), exit_code=code)
        self._last_word(code)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)

    @contextmanager
    def _signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        codes = {signal.SIGTERM: DONE, signal.SIGINT: INTERRUPTED}
        for number, code in codes.items():
            loop.add_signal_handler(number, self._told, code)
        try:
            yield
        finally:
            for number in codes:
                loop.remove_signal_handler(number)


async def _keep_alive(watcher: Watcher, lease: Lease, clock: Callable[[], float]) -> None:
    """Tell that the loop is alive while the environment is waited for; hold the lease open.

    Before the first assignment there is nothing that another worker could own.
    """
    while True:
        watcher.progressed()
        lease.confirmed(clock())
        await asyncio.sleep(0.5)


def _refuse(problems: tuple[str, ...]) -> int:
    for problem in problems:
        log.error("worker.refused", problem=problem)
    return REFUSED


def _send_timeout(settings: Settings) -> float:
    """Return how long a send may take: longer than a failover, shorter than the session.

    A worker that was paused and replaced must not write what it still holds (engine.md C).
    """
    return min(30.0, settings.kafka.session_timeout * 2 / 3)


def _table(settings: Settings, reader: Reader) -> StateTable:
    changelog = settings.topics.changelog
    if settings.state.store == "memory":
        return MemoryTable(reader, changelog)
    return RocksTable(reader, changelog, Disk(settings.state.directory, changelog))


def _listen(settings: Settings) -> Listen:
    host, _, port = settings.ops.listen.rpartition(":")
    host, token = host.strip("[]"), settings.ops.token
    if token is None or host in LOOPBACK:
        return Listen(host, int(port))
    return Listen(host, int(port), token.get_secret_value())
