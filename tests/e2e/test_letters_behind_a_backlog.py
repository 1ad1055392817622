"""A file of opt-outs that a person enters while a backlog of new leads spends the allowance."""

import json
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from connector.stream.lead_changes import decode
from tests.support.brokers import Broker
from tests.support.control import JournalLine
from tests.support.playing import write_anywhere
from tests.support.running import Running, application, running
from tests.support.scene import DNC_EAST, DNC_WEST, flat_scene
from tests.support.site import SourceText
from tests.support.topics import Sent, ends, read_topic
from tests.support.waiting import wait_until
from tests.support.worker import command

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

BACKLOG = int(os.environ.get("LETTERS_BACKLOG", "12000"))
"""New leads before the file; 200,000 for the whole of it, which `make bench-optout` has too."""

LINES = 1_000
PER_MINUTE = 600
WORD = ("--by", "Ines", "--reason", "letters of May", "--yes", "--json")
LISTS, DNC_LISTS = 3, 2

NEEDED = DNC_LISTS * math.ceil(LINES / 250) + LISTS * (
    math.ceil(LINES / 100) + math.ceil(LINES / 50)
)
"""Requests of the file: numbers to each DNC list, look-ups and read-backs on each list."""

BOUND = NEEDED / (PER_MINUTE / 60)
"""Seconds in which the allowance lets that many leave."""


def _a_second() -> float:
    """A second, longer where more wants to run than the machine has cores: the figure itself is
    the benchmark's (`make bench-optout`).
    """
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


@dataclass(frozen=True, slots=True)
class _Letter:
    """A line of the file. Every second is of a lead in the backlog."""

    number: int

    @property
    def lead(self) -> str:
        return f"letter-{self.number}" if self.waits_for_nothing else f"L-{self.number * 2}"

    @property
    def waits_for_nothing(self) -> bool:
        """Whether no row of the lead is in the backlog: one that comes up later looks again."""
        return self.number % 2 == 0

    @property
    def phone(self) -> str:
        return f"+1202555{self.number:04d}"


LETTERS = [_Letter(number) for number in range(LINES)]


@pytest.fixture
def run(kafka: Broker, tmp_path: Path) -> Iterator[Running]:
    """A site whose worker has read the backlog and inserts it."""
    scene = flat_scene(f"{application()}-leads", None)
    source = SourceText([scene.topic], "flat")
    with running(kafka, tmp_path, scene, [source], requests_per_minute=PER_MINUTE) as site:
        write_anywhere(kafka, [(scene.topic, _new(number)) for number in range(BACKLOG)])
        site.workers.start()
        site.workers.wait_ready()
        topic = site.site.topic("lead-changes")
        wait_until(
            lambda: sum(ends(kafka, topic).values()) >= BACKLOG, "intake", 60 + BACKLOG / 500
        )
        wait_until(lambda: bool(_inserts(site.control.journal())), "the first inserts")
        yield site


def _new(number: int) -> Sent:
    row = {"lead_id": f"L-{number}", "state": "CA", "phone_mobile": f"+1303{number:07d}"}
    return Sent(row["lead_id"].encode(), json.dumps(row | {"do_not_call": False}).encode())


def _inserts(lines: list[JournalLine]) -> list[JournalLine]:
    return [each for each in lines if each.method == "POST" and each.path.endswith("/contacts")]


def _add(run: Running) -> Mapping[str, object]:
    file = run.site.directory / "letters.csv"
    file.write_text("".join(f"{each.lead},{each.phone}\n" for each in LETTERS))
    finished = command(run.site, "opt-outs", "add", "--file", str(file), *WORD, timeout=180)
    assert finished.returncode == 0, finished.stderr
    document: Mapping[str, object] = json.loads(finished.stdout)
    return document


def _blocked(run: Running, since: int) -> dict[str, list[float]]:
    """When each number was taken by a DNC list, in seconds of the simulator's clock."""
    blocked: dict[str, list[float]] = {}
    for line in run.control.journal(since):
        if line.path.endswith("/phonenumbers") and line.applied:
            assert isinstance(line.body, list)
            for number in line.body:
                blocked.setdefault(str(number), []).append(line.at)
    return blocked


def test_they_overtake_it_and_cost_nothing_again(run: Running) -> None:
    """The first number is blocked within a second, the last in the time that the requests of
    all of them take; inserts go on after them; the same file again names nobody to the platform.
    """
    run.control.watch(each.lead for each in LETTERS)
    before = run.control.journal()[-1].n
    told = _add(run)
    assert (told["sent"], told["verdicts"]) == (LINES, {"applied": LINES})
    journal = run.control.journal()
    assert len(_inserts(journal)) * 50 < BACKLOG, "the backlog was done before the letters"
    appended = {
        decode(each.value or b"").origin.outcome_id: each.timestamp / 1_000
        for each in read_topic(run.broker, run.site.topic("opt-outs"))
    }
    first = min(appended.values())
    blocked = _blocked(run, before)
    taken = [blocked[each.phone] for each in LETTERS]
    assert {len(each) for each in taken} == {DNC_LISTS}
    assert min(min(each) for each in taken) - first < _a_second()
    assert max(max(each) for each in taken) - first < _a_second() + BOUND
    wanted = {each.phone for each in LETTERS}
    assert wanted <= run.control.numbers(DNC_WEST) & run.control.numbers(DNC_EAST)
    last = run.control.journal()[-1].n
    again = _add(run)
    assert (again["sent"], again["verdicts"]) == (LINES, {"unchanged": LINES})
    named = {each.lead for each in LETTERS if each.waits_for_nothing} | wanted
    later = run.control.journal(last)
    assert [line.path for line in later if _names(line, named)] == []
    assert _inserts(later), "inserts go on behind them"
    assert run.control.complaints() == []


def _names(line: JournalLine, named: set[str]) -> bool:
    """Say whether a request names one of them: a word of its path or of its body."""
    return not named.isdisjoint(_words([line.path.rsplit("/", 1)[-1], line.body]))


def _words(value: object) -> set[str]:
    match value:
        case str():
            return {value}
        case list():
            return set().union(*map(_words, value))
        case dict():
            return set().union(*map(_words, value.values()))
        case _:
            return set()
