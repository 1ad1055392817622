"""An opt-out on every list and DNC list, with evidence, while others make contacts callable."""

import itertools
from collections.abc import Iterator, Sequence

import pytest
from pydantic import JsonValue

from tests.support.brokers import Broker
from tests.support.control import PlatformContact
from tests.support.feed import EffectSeen, OutcomeSeen
from tests.support.playing import await_outcomes, write_anywhere
from tests.support.records import COMMITTED, as_json, envelope
from tests.support.running import Running, application, running
from tests.support.scene import DNC_EAST, DNC_WEST, LEAD_COLUMN, flat_scene
from tests.support.site import SourceText
from tests.support.topics import Sent

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

LINGER = 2.0
"""Seconds that a row waits for its batch: time for an opt-out to meet it."""


class _House:
    """A CRM whose database Debezium reads, a worker, and the platform with others at it."""

    def __init__(self, run: Running) -> None:
        self.run = run
        self.west, self.east, self.web = (each.id for each in run.site.scene.lists)
        self._commits = itertools.count(1)

    def row(self, lead: str, before: object = None, **after: object) -> Sent:
        """Make the record of a change of a lead's row; *before* is the number that it had."""
        named = {"lead_id": lead, "state": "CA", "do_not_call": False} | after
        row = dict.fromkeys(self.run.site.scene.mapped.values(), "") | named
        old = None if before is None else row | {"do_not_call": False, "phone_mobile": before}
        at = next(self._commits)
        times = {"lsn": at, "ts_ms": COMMITTED + at, "ts_us": (COMMITTED + at) * 1_000}
        value = envelope("u" if old else "c", row, old, **times)
        return Sent(as_json({"lead_id": lead}), as_json(value))

    def told(self, *rows: Sent) -> list[OutcomeSeen]:
        """Write changes, all at once, and give their outcomes."""
        topic = self.run.site.scene.topic
        ids = write_anywhere(self.run.broker, [(topic, each) for each in rows])
        await_outcomes(self.run.stage, ids)
        return [self.run.feed.first[each] for each in ids]

    def change(self, lead: str, before: object = None, **after: object) -> OutcomeSeen:
        """Write a change of a lead's row, and give its outcome."""
        return self.told(self.row(lead, before, **after))[0]

    def load(self, list_id: str, lead: str, mobile: str) -> str:
        """Load a contact of a lead as another loader does; give the platform's id of it."""
        before = {each.id for each in self.of(list_id, lead)}
        columns = next(e for e in self.run.site.scene.lists if e.id == list_id).columns
        data: JsonValue = {**dict.fromkeys(columns, ""), LEAD_COLUMN: lead, "Mobile": mobile}
        self.run.control.load(list_id, {"data": data})
        (new,) = {each.id for each in self.of(list_id, lead)} - before
        return new

    def of(self, list_id: str, lead: str) -> list[PlatformContact]:
        """Give a lead's contacts on a list."""
        found = self.run.control.contacts(list_id)
        return [each for each in found if each.data[LEAD_COLUMN] == lead]

    def callable(self, lead: str) -> list[bool]:
        """Say of each contact of a lead, list after list, whether it may be called."""
        lists = (self.west, self.east, self.web)
        return [each.callable for one in lists for each in self.of(one, lead)]

    def silently_re_enabled(self, times: int) -> None:
        """Have the next quarantines undone right after they were accepted."""
        self.run.control.fault({"path": "*/contacts*"}, {"kind": "re_enable"}, times)


@pytest.fixture(scope="module")
def house(kafka: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[_House]:
    """Run a site with a worker; at its end nothing is held against us, and nothing has leaked."""
    scene = flat_scene(f"{application()}-leads", None)
    source = SourceText([scene.topic], "debezium")
    site = tmp_path_factory.mktemp("site")
    with running(kafka, site, scene, [source], linger_seconds=LINGER) as run:
        run.workers.start()
        run.workers.wait_ready()
        yield _House(run)
        assert run.control.complaints() == []
        assert run.leaks(run.workers.metrics()) == []


def _number(tail: int) -> str:
    return f"+1202555{tail:04d}"


def _places(outcome: OutcomeSeen, action: str) -> list[tuple[str, str | None]]:
    """Where an action was done: lists with contacts. Each has the answer's correlation id."""
    found = [each for each in outcome.effects if each.action == action]
    assert all(each.correlation_id for each in found)
    return sorted((each.list, each.contact_id) for each in found)


def _steps(effects: Sequence[EffectSeen]) -> list[str]:
    """What was done with contacts, in order."""
    assert len({each.correlation_id for each in effects}) == len(effects)
    return [each.action for each in effects if each.contact_id is not None]


@pytest.mark.parametrize("times", [1, 3])
def test_a_contact_that_is_silently_re_enabled_is_found_by_the_read_back(
    house: _House, times: int
) -> None:
    """It is quarantined again until it stays so; the outcome shows each time and the proof."""
    lead = f"ada-{times}"
    house.run.control.watch([lead])
    assert house.change(lead, phone_mobile=_number(times)).verdict == "applied"
    house.silently_re_enabled(times)
    outcome = house.change(lead, phone_mobile=_number(times), do_not_call=True)
    assert (outcome.verdict, outcome.reason, outcome.lane) == ("applied", None, "compliance")
    assert _steps(outcome.effects) == ["quarantined"] * (times + 1) + ["verified"]
    assert [each for each, _ in _places(outcome, "numbers_blocked")] == [DNC_WEST, DNC_EAST]
    assert outcome.latency["accepted_to_verified_ms"] is not None
    assert house.callable(lead) == [False]


def test_so_it_is_where_quarantines_share_a_request(house: _House) -> None:
    """Twelve opt out at once, two requests are undone: in the end none may be called."""
    leads = [f"bo-{n}" for n in range(12)]
    house.run.control.watch(leads)
    house.told(*(house.row(e, phone_mobile=_number(100 + n)) for n, e in enumerate(leads)))
    house.silently_re_enabled(2)
    opted_out = house.told(*(house.row(each, do_not_call=True) for each in leads))
    steps = [_steps(each.effects) for each in opted_out]
    assert all(each[-1] == "verified" for each in steps)
    assert sum(each.count("quarantined") for each in steps) > len(leads)
    assert [house.callable(each) for each in leads] == [[False]] * len(leads)


def test_another_loaders_contact_of_an_opted_out_lead_is_quarantined_when_next_seen(
    house: _House,
) -> None:
    """By a newer change, which stays suppressed, and by the opt-out that comes again."""
    house.run.control.watch(["bea"])
    house.change("bea", phone_mobile=_number(20))
    first = house.change("bea", phone_mobile=_number(20), do_not_call=True)
    theirs = sorted(
        (each, house.load(each, "bea", _number(21 + at)))
        for at, each in enumerate((house.west, house.east, house.web))
    )
    seen = house.change("bea", phone_mobile=_number(20), first_name="Beatrix", do_not_call=True)
    assert (seen.verdict, seen.change) == ("applied", "opt_out")
    assert _places(seen, "quarantined") == _places(seen, "verified") == theirs
    late = (house.east, house.load(house.east, "bea", _number(24)))
    (own,) = (each.id for each in house.of(house.west, "bea") if each.id == "bea")
    house.run.control.change(house.west, own, {"callable": True})
    edit = house.change("bea", phone_mobile=_number(20), first_name="Bea")
    assert (edit.verdict, edit.opt_out) == ("suppressed", first.outcome_id)
    assert _places(edit, "quarantined") == _places(edit, "verified")
    assert _places(edit, "quarantined") == sorted([late, (house.west, own)])
    assert house.callable("bea") == [False] * 5
    for dnc in (DNC_WEST, DNC_EAST):
        assert {_number(20 + n) for n in range(5)} <= house.run.control.numbers(dnc)


def test_every_contact_and_every_number_on_every_list(house: _House) -> None:
    """Adopted, left, made callable again, loaded beside us; numbers of the row before and after,
    of a row that waits and of the contacts as found: the outcomes name each with its answer.
    """
    adopted = house.load(house.west, "cyd", _number(30))
    assert house.change("cyd", phone_mobile=_number(31)).verdict == "applied"
    moved = house.change("cyd", phone_mobile=_number(31), state="NY")
    assert _places(moved, "quarantined") == [(house.west, adopted)]
    house.run.control.change(house.west, adopted, {"callable": True})
    beside = house.load(house.web, "cyd", _number(32))
    house.run.control.watch(["cyd"])
    waited, outcome = house.told(
        house.row("cyd", state="NY", phone_mobile=_number(33)),
        house.row("cyd", _number(34), state="NY", phone_mobile=_number(35), do_not_call=True),
    )
    wanted = sorted([(house.west, adopted), (house.east, "cyd"), (house.web, beside)])
    assert (outcome.verdict, outcome.reason) == ("applied", None)
    assert _places(outcome, "quarantined") == _places(outcome, "verified") == wanted
    assert (waited.verdict, waited.opt_out) == ("suppressed", outcome.outcome_id)
    assert house.callable("cyd") == [False] * 3
    for told in (outcome, waited):
        blocked = {each for each, _ in _places(told, "numbers_blocked")}
        assert blocked == {DNC_WEST, DNC_EAST}
    numbers = {_number(n) for n in (31, 32, 33, 34, 35)}
    for dnc in (DNC_WEST, DNC_EAST):
        assert numbers <= house.run.control.numbers(dnc)
