"""`connector report` and `report compliance` against a broker, in both forms of outcomes."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from confluent_kafka import Consumer, TopicPartition

from connector.cli.main import main
from connector.domain.change import LeadChange, OptOutLift
from connector.domain.ids import LeadId
from connector.domain.outcome import Outcome
from connector.domain.reason import Reason, Verdict
from connector.domain.revision import NO_REVISION
from connector.registry.own_schemas import OUTCOME, schema_text
from connector.stream.lead_changes import encode
from connector.stream.outcomes import avro_encoder, json_encoder
from tests.support.brokers import Broker
from tests.support.lead_changes import an_opt_out as a_change
from tests.support.lead_changes import an_origin
from tests.support.running import application
from tests.support.schema_registry import schema_registry
from tests.support.settings_files import MINIMAL
from tests.support.told_outcomes import an_opt_out, an_outcome
from tests.support.topics import Sent, create_topics, produce

pytestmark = pytest.mark.kafka


@dataclass(frozen=True, slots=True)
class Place:
    """A connector's settings, and what writes to its topics."""

    broker: Broker
    name: str
    schema_id: int | None

    def tell(self, *outcomes: Outcome) -> None:
        """Write outcomes: under the registry, where there is one."""
        code = json_encoder("1") if self.schema_id is None else avro_encoder("1", self.schema_id)
        sent = [Sent((each.lead_id or "").encode(), code(each), (), 0) for each in outcomes]
        produce(self.broker, f"{self.name}.outcomes", sent)

    def accept(self, *offsets: int) -> None:
        """Write opt-outs of these source offsets to `A.opt-outs`, and a lift behind them."""
        changes: list[LeadChange] = [
            replace(a_change(each, "+12025550101"), lead=LeadId(f"L-{each}")) for each in offsets
        ]
        changes.append(OptOutLift(LeadId("L-9"), an_origin(9), NO_REVISION, 1))
        sent = [Sent(b"k", encode(each), (), 1) for each in changes]
        produce(self.broker, f"{self.name}.opt-outs", sent)

    def commit(self, offset: int) -> None:
        """Let the group have settled the opt-outs below *offset*."""
        consumer = Consumer(
            {"bootstrap.servers": self.broker.bootstrap_servers, "group.id": self.name}
        )
        place = TopicPartition(f"{self.name}.opt-outs", 1, offset)
        consumer.commit(offsets=[place], asynchronous=False)
        consumer.close()


@pytest.fixture(params=["json", "avro"])
def place(
    request: pytest.FixtureRequest,
    kafka: Broker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Place]:
    """Work in a directory with settings of a connector whose topics are there."""
    monkeypatch.chdir(tmp_path)
    for name in ("CONNECTOR_CONFIG", "CONNECTOR_ACTOR"):
        monkeypatch.delenv(name, raising=False)
    name = application()
    create_topics(kafka, [f"{name}.outcomes", f"{name}.opt-outs"], 4)
    text = MINIMAL.replace("127.0.0.1:9092", kafka.bootstrap_servers)
    text = text.replace("[kafka]", f'[kafka]\napplication_id = "{name}"')
    with ExitStack() as stack:
        schema_id = None
        if request.param == "avro":
            registry = stack.enter_context(schema_registry())
            schema_id = registry.books.register(f"{name}.outcomes-value", schema_text(OUTCOME))
            text += f'[registry]\nurl = "{registry.url}"\n'
        Path("connector.toml").write_text(text)
        yield Place(kafka, name, schema_id)


def told(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    """Run a command with `--json`; give its document."""
    assert main(["report", *words, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert isinstance(document, dict)
    return document


def test_the_outcomes_are_counted(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """As one document or as text, whole or in a range; a repeat counts once."""
    assert told(capsys)["records"] == 0
    first = an_outcome(0, requests=3)
    place.tell(first, an_outcome(1, Verdict.UNCHANGED, Reason.SAME_ROW, lead="L-2"), first)
    document = told(capsys)
    assert document["records"] == 2
    assert document["verdicts"] == {"applied": 1, "unchanged": 1}
    assert document["reasons"] == {"same_row": 1}
    assert document["requests"] == 6
    assert document["repeats"] == 1
    assert told(capsys, "--lead", "L-2")["verdicts"] == {"unchanged": 1}
    assert told(capsys, "--from", "crm/0/1")["records"] == 1
    assert told(capsys, "--until", "2027-01-15T08:00:00Z")["records"] == 0
    assert main(["report", "--lead", "L-2", "--html", "page.html"]) == 0
    assert f"Outcomes of {place.name}, --lead L-2" in Path("page.html").read_text()
    capsys.readouterr()
    assert main(["report"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "2 records"
    assert "1   50.0%  applied" in lines[1]
    assert lines[-1] == "1 outcomes were told twice and count once"


def test_opt_outs_are_accounted_for(
    place: Place, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """What waits behind the commit is open; what has an outcome is not, nor what is committed."""
    place.accept(0, 1, 2, 3)
    place.tell(an_opt_out(1, 250, verified_ms=50), an_opt_out(2, 900))
    place.commit(1)
    document = told(capsys, "compliance", "--evidence", "proof.jsonl")
    assert document["exceptions"] == {"waiting": 1}
    assert {name: document[name] for name in ("opt_outs", "honoured", "open", "verified")} == {
        "opt_outs": 3,
        "honoured": 2,
        "open": 1,
        "verified": 1,
    }
    assert document["latency_ms"] == {"p50": 250, "p99": 900, "max": 900}
    lines = [json.loads(line) for line in (tmp_path / "proof.jsonl").read_text().splitlines()]
    assert [(each["lead_id"], each["honoured"]) for each in lines] == [
        ("L-1", True),
        ("L-2", True),
        ("L-3", False),
    ]
    assert "+1202" not in (tmp_path / "proof.jsonl").read_text()
    digest = hashlib.sha256((tmp_path / "proof.jsonl").read_bytes()).hexdigest()
    assert (tmp_path / "proof.jsonl.sha256").read_text() == f"{digest}  proof.jsonl\n"
    assert told(capsys, "compliance", "--lead", "L-2")["opt_outs"] == 1
    assert main(["report", "compliance", "--html", "page.html"]) == 0
    assert "OPEN" in Path("page.html").read_text()
    said = capsys.readouterr().out
    assert "1 OPEN" in said
    assert "900 ms  crm/0/2  lead L-2" in said


def test_what_is_no_outcome_is_left_out_and_named(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody else wrote to the topic: the rest is counted all the same."""
    produce(place.broker, f"{place.name}.outcomes", [Sent(b"k", b"{}", (), 2)] * 2)
    place.tell(an_outcome(0))
    assert main(["report", "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["records"] == 1
    (line,) = said.err.splitlines()
    assert line.startswith("2 records are no outcomes and were left out, the first at ")
    assert line.endswith(f" {place.name}.outcomes/2/0: find out who else writes there")


def test_outcomes_whose_schema_cannot_be_had(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is counted in part: exit 3, and what to do."""
    value = avro_encoder("1", 4_711)(an_outcome(0))
    produce(place.broker, f"{place.name}.outcomes", [Sent(b"k", value, (), 0)])
    assert main(["report", "--json"]) == 3
    said = capsys.readouterr()
    assert said.out == ""
    line, again = said.err.splitlines()
    assert line.startswith("outcomes were written under schema 4711, which registry.url does not")
    assert again == "see to it, then run the same again"


def test_topics_that_are_missing(
    place: Place, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Exit 3 and the command that makes them; no evidence is begun."""
    if not place.broker.real:
        pytest.skip("the embedded broker makes every topic that is asked for")
    text = Path("connector.toml").read_text().replace(place.name, f"{place.name}x")
    Path("connector.toml").write_text(text)
    for words in (["report"], ["report", "compliance", "--evidence", "proof"]):
        assert main(words) == 3
        assert "`connector topics create` makes it" in capsys.readouterr().err
    assert [each.name for each in tmp_path.iterdir()] == ["connector.toml"]
