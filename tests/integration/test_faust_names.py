"""The names of Faust and aiokafka that nobody promises to keep: all are there, as we lean on them.

What goes red here after an update of either is to be looked at before anything else.
"""

import ast
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import faust
import pytest
from aiokafka import AIOKafkaConsumer
from confluent_kafka import Producer
from faust.stores import memory
from faust.tables.manager import TableManager
from faust.tables.recovery import Recovery
from faust.transport.drivers import aiokafka as driver

from connector.stream.app import AppSettings, ConnectorApp, build
from connector.stream.carrier import SafeRecovery, StoreShell
from connector.stream.eager import FETCH_WAIT_MS, CommittedThread, EagerConsumer
from tests.support import brokers
from tests.support.brokers import Broker
from tests.support.playing import await_outcomes
from tests.support.running import application, running
from tests.support.scene import flat_scene
from tests.support.site import SourceText
from tests.support.waiting import wait_until

STREAM = Path(__file__).parents[2] / "connector" / "stream"
WHERE = ("app.py", "carrier.py", "eager.py")
"""Where Faust is known (pyproject.toml, import-linter)."""

METHODS: list[tuple[type, str, tuple[str, ...]]] = [
    (faust.App, "_new_transport", ("self",)),
    (faust.App, "_create_directories", ("self",)),
    (faust.App, "on_stop", ("self",)),
    (faust.App, "crash", ("self", "reason")),
    (TableManager, "__init__", ("self", "app", "kwargs")),
    (Recovery, "need_recovery", ("self",)),
    (Recovery, "on_recovery_completed", ("self", "generation_id")),
    (memory.Store, "apply_changelog_batch", ("self", "batch", "to_key", "to_value")),
    (
        memory.Store,
        "on_rebalance",
        ("self", "assigned", "revoked", "newly_assigned", "generation_id"),
    ),
    (memory.Store, "on_recovery_completed", ("self", "active_tps", "standby_tps")),
    (driver.Consumer, "_new_consumer_thread", ("self",)),
    (driver.Consumer, "_commit_offsets", ("self", "offsets", "start_new_transaction")),
    (driver.Consumer, "_wait_next_records", ("self", "timeout")),
    (driver.Consumer, "getmany", ("self", "timeout")),
    (driver.Consumer, "perform_seek", ("self",)),
    (driver.Consumer, "seek_wait", ("self", "partitions")),
    (driver.Consumer, "stop_flow", ("self",)),
    (driver.Consumer, "on_buffer_full", ("self", "tp")),
    (driver.Consumer, "on_buffer_drop", ("self", "tp")),
    (driver.AIOKafkaConsumerThread, "_create_worker_consumer", ("self", "transport")),
    (
        driver.AIOKafkaConsumerThread,
        "_fetch_records",
        ("self", "consumer", "active_partitions", "timeout", "max_records"),
    ),
]
"""What we call or override, and its parameters. Those of a store are our own `*args`."""

FIELDS = ("_read_offset", "_buffered_partitions", "flow_active", "should_stop")
"""Of Faust's consumer."""

AIOKAFKA_FIELDS = ("_isolation_level", "_fetch_max_wait_ms")
OTHERS = ("_recovery",)


@pytest.mark.parametrize(
    ("owner", "name", "parameters"),
    METHODS,
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_method_is_there_with_its_parameters(
    owner: type, name: str, parameters: tuple[str, ...]
) -> None:
    """Another name or another parameter, and our override would never be called."""
    method: Callable[..., Any] = getattr(owner, name)
    assert tuple(inspect.signature(method).parameters)[: len(parameters)] == parameters


def test_no_private_name_is_used_that_this_test_does_not_know() -> None:
    """Whoever leans on another private name of Faust writes it down here."""
    known = {name for _, name, _ in METHODS} | {*FIELDS, *AIOKAFKA_FIELDS, *OTHERS}
    for file in WHERE:
        tree = ast.parse((STREAM / file).read_text(encoding="utf-8"))
        own = {each for node in ast.walk(tree) for each in _own(node)}
        used = {
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and node.attr.startswith("_")
            and not node.attr.startswith("__")
        }
        assert used - own <= known, file


def _own(node: ast.AST) -> list[str]:
    """Return the private names that a class of ours has of itself: methods and slots."""
    if not isinstance(node, ast.ClassDef):
        return []
    methods = [
        each.name for each in node.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    slots = [
        each.value
        for statement in node.body
        if isinstance(statement, ast.Assign)
        for each in ast.walk(statement.value)
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]
    return methods + slots


@pytest.fixture
def app() -> Iterator[ConnectorApp]:
    """Build an app that nobody starts; its consumer's thread has a loop all the same."""
    app = build(
        AppSettings(
            application_id="names",
            brokers=("127.0.0.1:9",),
            sources=("crm",),
            lead_changes="names.lead-changes",
            opt_outs="names.opt-outs",
            table="lead-state",
            partitions=4,
            session_timeout=45.0,
            rebalance_timeout=60.0,
        )
    )
    yield app
    app.consumer._thread.thread_loop.close()


async def test_an_app_is_made_of_our_classes(app: ConnectorApp) -> None:
    """Transport, consumer, thread, tables, recovery and store: none is Faust's own."""
    consumer = app.consumer
    assert type(consumer) is EagerConsumer
    assert type(consumer._thread) is CommittedThread
    assert type(app.tables.recovery) is SafeRecovery
    assert app.tables._recovery is app.tables.recovery
    assert app.tables.recovery.need_recovery() is False
    (table,) = app.tables.values()
    assert type(table.data) is StoreShell
    assert all(hasattr(consumer, name) for name in FIELDS)
    assert app.flow_control.is_active() is not None
    assert app.consumer_generation_id is not None


async def test_the_consumer_of_the_worker_reads_committed(app: ConnectorApp) -> None:
    """The library keeps what it was told in the fields that we set, and reads them at its start."""
    plain = AIOKafkaConsumer(isolation_level="read_committed", fetch_max_wait_ms=77)
    assert tuple(getattr(plain, name) for name in AIOKAFKA_FIELDS) == ("read_committed", 77)
    await plain.stop()
    consumer = app.consumer._thread._create_worker_consumer(app.transport)
    assert (consumer._isolation_level, consumer._fetch_max_wait_ms) == (
        "read_committed",
        FETCH_WAIT_MS,
    )
    await consumer.stop()


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.skipif(brokers.missing() is not None, reason="the embedded broker aborts nothing")
def test_a_worker_takes_no_record_of_an_aborted_transaction(kafka: Broker, tmp_path: Path) -> None:
    """Of a committed, an aborted and a second committed transaction two records have an outcome."""
    scene = flat_scene(f"{application()}-leads", None)
    with running(kafka, tmp_path, scene, [SourceText([scene.topic], "flat")]) as run:
        for offset, lead in enumerate(("L-1", "L-aborted", "L-2")):
            transact(kafka, scene.topic, lead, f"{scene.topic}-{offset}")
        worker = run.workers.start()
        expected = [f"{scene.topic}/0/{offset}" for offset in (0, 4)]
        await_outcomes(run.stage, expected)
        source = f'topic="{scene.topic}"'
        counted = f"connector_records_total{{{source}}} 2.0"
        wait_until(lambda: counted in run.workers.metrics(), "the worker to tell", 10)
        metrics = run.workers.metrics()
        assert worker.terminate() == 0
        run.feed.poll()
        assert sorted(run.feed.first) == expected
        written = run.control.contacts(scene.list_named("web").id)
    assert {contact.data["CRM_Lead_ID"] for contact in written} == {"L-1", "L-2"}
    assert f"connector_holes_total{{{source}}} 1.0" in metrics


def transact(kafka: Broker, topic: str, lead: str, name: str) -> None:
    """Write a lead in a transaction of its own; abort it where the lead says so."""
    producer = Producer({"bootstrap.servers": kafka.bootstrap_servers, "transactional.id": name})
    producer.init_transactions(30)
    producer.begin_transaction()
    value = f'{{"lead_id": "{lead}", "source": "web", "phone_mobile": "+14155550100"}}'
    producer.produce(topic, value.encode(), lead.encode(), partition=0)
    producer.flush(30)
    if "aborted" in lead:
        producer.abort_transaction(30)
    else:
        producer.commit_transaction(30)
