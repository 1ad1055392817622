"""What the parts of a worker tell ends up in its health, its metrics and its log."""

import re
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from connector.domain.change import ChangeKind
from connector.domain.ids import LeadId, OutcomeId
from connector.domain.origin import Origin
from connector.domain.outcome import Action, Effect, Outcome
from connector.domain.reason import Reason, Verdict
from connector.domain.record import TopicPartition
from connector.domain.result import Receipt
from connector.genesys.call import Call
from connector.genesys.notices import Asked, Parked, Silenced
from connector.genesys.permissions import PERMISSIONS
from connector.planning.gates import EVERYWHERE, FIRST_PAUSE, GateReason, Gates, Scope, Stop
from connector.stream.facts import Holding, Unread
from connector.stream.health import Compliance, Health
from connector.stream.names import Names
from connector.stream.opt_out_mass import MASS
from connector.stream.unread import UnreadRecords
from connector.stream.watcher import Watcher
from connector.telemetry.metrics import Metrics

PLACES = {"uuid-1": "default"}


class Watched:
    """A watcher with the health and the metrics that it tells."""

    def __init__(self) -> None:
        self.health = Health(lambda: 0.0)
        self.metrics = Metrics(PLACES, "1")
        self.gates = Gates()
        self.watcher = Watcher(
            self.health, self.metrics, self.gates, Names(PLACES, 8), lambda: 0.0
        )

    def ask(
        self,
        answer: str,
        call: Call = Call.SEARCH,
        place: str = "uuid-1",
        status: int | None = None,
        inserts: int = 0,
    ) -> None:
        """Tell of a request; one without a status is broken where its end is unclear."""
        broken = "Timeout" if answer == "unclear" and status is None else None
        self.watcher.notice(Asked(call, place, answer, 0.1, Receipt(status), broken, 7, inserts))

    def hold(self, opt_outs: int, oldest: float) -> None:
        """Tell of opt-outs that wait."""
        self.watcher.holds(Holding(9, 3, 4, opt_outs, oldest))

    def park(self, scope: str, reason: GateReason, call: Call = Call.POST_CONTACTS) -> None:
        """Tell of a refusal."""
        self.watcher.notice(Parked(scope, call, reason, "code", Receipt(403, "corr-1")))

    def shows(self, line: str) -> bool:
        """Say whether the metrics have a line."""
        return line in self.metrics.render()[0].decode().splitlines()

    def missing(self) -> list[str]:
        """Name what is missing."""
        return [line.split(":")[0] for line in self.health.ready().lines]


def test_a_worker_becomes_ready_step_by_step() -> None:
    """Assigned, restored, answered: then nothing is missing."""
    watched = Watched()
    assert watched.missing() == ["group", "partitions", "state", "platform"]
    watched.watcher.assigned([0, 1])
    assert watched.missing() == ["state", "platform"]
    watched.watcher.restored(1000, 0.5)
    watched.ask("applied")
    watched.watcher.progressed()
    assert watched.missing() == []
    assert watched.shows("connector_allowance_ratio 0.25")
    watched.hold(2, 3.5)
    assert watched.shows("connector_open_records 9.0")
    assert watched.shows("connector_unsettled_rows 3.0")
    assert watched.shows("connector_waiting_commands 4.0")
    assert watched.shows("connector_open_opt_outs 2.0")
    assert watched.shows("connector_oldest_opt_out_seconds 3.5")
    watched.watcher.lag(TopicPartition("crm", 0), 12)
    assert watched.shows('connector_lag_records{partition="0",topic="crm"} 12.0')
    watched.watcher.revoked()
    assert watched.missing() == ["state", "partitions"]
    gauges = ("assigned_partitions", "open_records", "waiting_commands", "open_opt_outs")
    assert all(watched.shows(f"connector_{each} 0.0") for each in gauges)
    assert not watched.shows('connector_lag_records{partition="0",topic="crm"} 12.0')


def test_a_spare_lacks_partitions_only() -> None:
    """It has joined, and an empty state is restored."""
    watched = Watched()
    watched.watcher.assigned([])
    watched.watcher.restored(0, 0.0)
    assert watched.health.worker().well
    assert "partitions" in watched.missing()


def test_one_timeout_is_no_outage_three_are() -> None:
    """The platform counts as unreachable after three requests in a row without an answer."""
    watched = Watched()
    watched.ask("applied")
    watched.ask("unclear")
    watched.ask("unavailable")
    assert "platform" not in watched.missing()
    with capture_logs() as lines:
        watched.ask("unclear")
        watched.ask("unclear")
        assert "platform" in watched.missing()
        watched.ask("throttled")
    assert "platform" not in watched.missing()
    assert [line["event"] for line in lines] == ["platform.unreachable", "platform.reachable"]


@pytest.mark.parametrize(
    ("status", "missing"), [(500, True), (502, True), (504, True), (200, False)]
)
def test_errors_of_the_server_are_no_answer(status: int, *, missing: bool) -> None:
    """A gateway that answers for a platform that is down does not make it reachable; a 2xx that
    cannot be used is an answer all the same.
    """
    watched = Watched()
    watched.ask("applied")
    for _ in range(3):
        watched.ask("unclear", status=status)
    assert ("platform" in watched.missing()) is missing
    if missing:
        assert f"platform: no answer to search (HTTP {status}), for 0 s" in (
            watched.health.ready().lines
        )


@pytest.mark.parametrize(
    ("scope", "name", "back"),
    [("uuid-1", "default", Call.PUT_CONTACT), (EVERYWHERE, "all", Call.SEARCH)],
)
def test_a_parked_place_is_told_once_and_freed_by_an_answer(
    scope: str, name: str, back: Call
) -> None:
    """One alarm however often it is refused, by the settings' name and with what to do; the first
    success there ends it.
    """
    watched = Watched()
    with capture_logs() as lines:
        watched.park(scope, GateReason.PERMISSION)
        watched.park(scope, GateReason.PERMISSION)
        (told,) = [line for line in watched.health.ready().lines if line.startswith(f"{name}:")]
        assert told.startswith(f"{name}: parked, permission (code): give the OAuth client's role")
        assert watched.gates.reason(Scope(scope)) is GateReason.PERMISSION
        assert watched.shows(f'connector_shut_gates{{place="{name}",reason="permission"}} 1.0')
        watched.ask("environment")
        watched.ask("applied", Call.TOKEN, "")
        assert name in watched.missing()
        watched.ask("applied", back)
        watched.ask("applied", back)
    assert name not in watched.missing()
    assert watched.gates.reason(Scope(scope)) is None
    assert [line["event"] for line in lines] == ["list.parked", "list.resumed"]
    assert lines[0]["correlation_id"] == "corr-1"
    assert (lines[0]["list"], lines[0]["place"]) == (name, scope)


@pytest.mark.parametrize(
    ("refused", "reason", "no_proof", "proof"),
    [
        (Call.POST_CONTACTS, GateReason.PERMISSION, (Call.SEARCH, Call.LIST), Call.PUT_CONTACT),
        (Call.PUT_CONTACT, GateReason.PERMISSION, (Call.BULK_READ,), Call.POST_CONTACTS),
        (Call.POST_NUMBERS, GateReason.LIMIT, (Call.DNC_LIST,), Call.POST_NUMBERS),
        (Call.DELETE_CONTACTS, GateReason.PERMISSION, (Call.PUT_CONTACT,), Call.DELETE_CONTACTS),
        (Call.SEARCH, GateReason.PERMISSION, (Call.POST_CONTACTS,), Call.BULK_READ),
        (Call.POST_NUMBERS, GateReason.LIST_MISSING, (Call.DNC_LIST,), Call.POST_NUMBERS),
        (Call.LIST, GateReason.LIST_MISSING, (Call.TOKEN,), Call.POST_CONTACTS),
    ],
)
def test_a_gate_is_opened_by_a_good_answer_of_the_same_kind_only(
    refused: Call, reason: GateReason, no_proof: tuple[Call, ...], proof: Call
) -> None:
    """That a list can be searched does not say that it may be written."""
    watched = Watched()
    watched.park("uuid-1", reason, refused)
    for call in no_proof:
        watched.ask("applied", call)
        assert watched.gates.reason(Scope("uuid-1")) is reason, call
    watched.ask("applied", proof)
    assert watched.gates.reason(Scope("uuid-1")) is None


def test_a_gate_that_two_kinds_of_calls_shut_waits_for_both() -> None:
    """The one that was put right first does not speak for the other; its next time is anew."""
    watched = Watched()
    for _ in range(2):
        watched.park("uuid-1", GateReason.PERMISSION, Call.SEARCH)
        watched.park("uuid-1", GateReason.PERMISSION, Call.POST_CONTACTS)
        watched.ask("applied", Call.SEARCH)
        assert watched.gates.reason(Scope("uuid-1")) is GateReason.PERMISSION
        watched.ask("applied", Call.POST_CONTACTS)
        assert watched.gates.reason(Scope("uuid-1")) is None


def test_a_full_list_waits_for_room_and_everything_else_of_it_goes_on() -> None:
    """Only what asks for a new contact is stopped, and only the one that tries opens it again."""
    watched = Watched()
    inserts = Scope("uuid-1", Stop.INSERTS)
    update = (Stop.UPDATES, Stop.WRITES, Stop.ALL)
    with capture_logs() as lines:
        watched.park("uuid-1", GateReason.LIMIT)
        watched.park("uuid-1", GateReason.LIMIT)
        assert set(watched.gates.now_shut) == {inserts}
        assert watched.gates.held("uuid-1", update, 1.0) == 0.0
        (told,) = [line for line in watched.health.ready().lines if line.startswith("default")]
        assert told == (
            "default, inserts: full, so that new contacts wait and all else goes on, limit (code): "
            "ask the organisation's administrator for room, for 0 s"
        )
        assert watched.shows('connector_shut_gates{place="default",reason="limit"} 1.0')
        watched.ask("applied", Call.POST_CONTACTS)
        watched.ask("applied", Call.PUT_CONTACT)
        watched.ask("applied", Call.POST_CONTACTS, inserts=3)
        assert watched.gates.reason(inserts) is GateReason.LIMIT
        watched.gates.try_out("uuid-1", (Stop.INSERTS,), FIRST_PAUSE)
        watched.ask("applied", Call.POST_CONTACTS)
        watched.ask("applied", Call.POST_CONTACTS, "uuid-2", inserts=3)
        assert watched.gates.reason(inserts) is GateReason.LIMIT
        watched.ask("applied", Call.POST_CONTACTS, inserts=1)
    assert not watched.gates.now_shut
    assert not [line for line in watched.missing() if line.startswith("default")]
    assert [line["event"] for line in lines] == ["list.full", "list.has_room"]


def test_a_full_list_can_be_parked_besides() -> None:
    """Neither reason hides the other, and each ends by its own proof."""
    watched = Watched()
    watched.park("uuid-1", GateReason.LIMIT)
    watched.park("uuid-1", GateReason.PERMISSION, Call.SEARCH)
    assert {"default", "default, inserts"} <= set(watched.missing())
    assert watched.shows('connector_shut_gates{place="default",reason="permission"} 1.0')
    watched.ask("applied", Call.SEARCH)
    assert watched.gates.reason(Scope("uuid-1")) is None
    assert watched.gates.reason(Scope("uuid-1", Stop.INSERTS)) is GateReason.LIMIT
    assert watched.shows('connector_shut_gates{place="default",reason="limit"} 1.0')


def test_a_dnc_list_without_room_is_parked_whole() -> None:
    """Nothing can be done there until there is room; contact lists are not touched."""
    watched = Watched()
    watched.park("uuid-of-dnc", GateReason.LIMIT, Call.POST_NUMBERS)
    assert set(watched.gates.now_shut) == {Scope("uuid-of-dnc")}


def test_opt_outs_that_wait_long_are_told_and_do_not_unready_a_worker() -> None:
    """Above a minute: a line with the age, and one alarm until none is late any more."""
    watched = Watched()
    watched.hold(1, 60.0)
    assert watched.health.ready().warnings == ()
    with capture_logs() as lines:
        watched.hold(3, 75.2)
        watched.hold(3, 75.7)
        assert watched.health.ready().warnings == ("opt-outs: 3 wait, the oldest for 76 s",)
        assert "opt-outs" not in watched.missing()
        watched.hold(1, 2.0)
        watched.hold(0, 0.0)
    assert watched.health.ready().warnings == ()
    assert [(line["event"], line["count"]) for line in lines] == [
        ("opt_outs.late", 3),
        ("opt_outs.caught_up", 1),
    ]


def test_records_that_were_not_read_may_be_opt_outs() -> None:
    """The older of both counts; one alarm, and a line of its own that says which it is."""
    watched = Watched()
    place = TopicPartition("crm.leads", 3)
    assert watched.health.ready().compliance is None
    watched.hold(0, 0.0)
    assert watched.health.ready().compliance == Compliance(
        well=True, seconds=0.0, line="none waits"
    )
    with capture_logs() as lines:
        watched.watcher.holds(Holding(9, 3, 4, 2, 3.0, Unread(place, 61.0)))
        watched.watcher.holds(Holding(9, 3, 4, 2, 4.0, Unread(place, 62.0)))
        late = "records of crm.leads/3 are unread, the first for 62 s"
        told = f"2 wait, the oldest for 4 s; {late}"
        assert watched.health.ready().compliance == Compliance(well=False, seconds=62.0, line=told)
        assert watched.health.ready().warnings == (f"opt-outs: {late}",)
        assert watched.shows("connector_compliance_age_seconds 62.0")
        assert watched.shows("connector_oldest_opt_out_seconds 4.0")
        watched.hold(1, 60.0)
        assert watched.shows("connector_compliance_age_seconds 60.0")
        watched.watcher.revoked()
    assert watched.health.ready().compliance is None
    assert [
        (line["event"], line.get("seconds")) for line in lines if "opt_outs" in line["event"]
    ] == [
        ("opt_outs.late", 61),
        ("opt_outs.caught_up", None),
    ]


def test_a_mass_of_opt_outs_is_noticed() -> None:
    """From outcomes, against the share of the partitions, whenever the worker tells of itself."""
    watched = Watched()
    watched.watcher.assigned(range(8))
    origin = Origin("default", "crm", "id", 3, 4711, 1_790_000_000_123)
    change, verdict = ChangeKind.OPT_OUT, Verdict.APPLIED
    for _ in range(MASS + 1):
        watched.watcher.told(Outcome(origin.outcome_id, origin, LeadId("L1"), change, verdict))
    watched.hold(0, 0.0)
    (line,) = watched.health.ready().warnings
    assert line.startswith(f"mass of opt-outs: {MASS + 1} in the last minute: ")


@pytest.mark.parametrize("change", [ChangeKind.OPT_OUT, ChangeKind.NUMBERS, ChangeKind.UPSERT])
def test_an_opt_out_that_the_platform_refuses_is_an_alarm(change: ChangeKind) -> None:
    """A row that is refused is a dead letter like others; an opt-out wants a person now."""
    watched = Watched()
    origin = Origin("default", "crm", "id", 3, 4711, 1_790_000_000_123)
    outcome = Outcome(origin.outcome_id, origin, LeadId("L1"), change, Verdict.REJECTED)
    with capture_logs() as lines:
        watched.watcher.told(replace(outcome, reason=Reason.PHONE_INVALID))
        watched.watcher.told(replace(outcome, reason=Reason.REFUSED_BY_PLATFORM))
    told = [(line["event"], line["log_level"], line["lead"], line["detail"]) for line in lines]
    refused = ("opt_out.refused", "error", "L1", "crm/3/4711")
    assert told == ([] if change is ChangeKind.UPSERT else [refused])


@pytest.mark.parametrize(
    ("change", "opt_out", "quarantined", "told"),
    [
        (ChangeKind.OPT_OUT, None, ["west", "west"], 1),
        (ChangeKind.UPSERT, OutcomeId("crm/3/1"), ["west", "east", "east"], 1),
        (ChangeKind.OPT_OUT, None, ["west", "east"], 0),
        (ChangeKind.QUARANTINE, None, ["west", "west"], 0),
    ],
)
def test_a_contact_that_had_to_be_quarantined_again_is_an_alarm(
    change: ChangeKind, opt_out: OutcomeId | None, quarantined: list[str], told: int
) -> None:
    """Of a lead that has opted out, whichever change found it: somebody undoes opt-outs."""
    watched = Watched()
    origin = Origin("default", "crm", "id", 3, 4711, 1_790_000_000_123)
    effects = tuple(Effect(each, Action.QUARANTINED, "c-1") for each in quarantined)
    outcome = Outcome(origin.outcome_id, origin, LeadId("L1"), change, Verdict.APPLIED)
    with capture_logs() as lines:
        watched.watcher.told(replace(outcome, effects=effects, opt_out=opt_out))
    alarm = ("opt_out.undone", "error", "L1", "crm/3/4711")
    assert [
        (line["event"], line["log_level"], line["lead"], line["detail"]) for line in lines
    ] == [alarm] * told


def test_every_reason_to_park_has_advice() -> None:
    """Whatever is refused, the operator reads what to do about it."""
    for reason in GateReason:
        watched = Watched()
        watched.park("uuid-1", reason, Call.PUT_CONTACT)
        (told,) = [line for line in watched.health.ready().lines if line.startswith("default:")]
        assert re.fullmatch(rf"default: parked, {reason} \(code\): \w.{{10,}}, for 0 s", told)


@pytest.mark.parametrize(("call", "permission"), PERMISSIONS.items())
def test_a_permission_that_lacks_is_named(call: Call, permission: str) -> None:
    """The operator need not know which permission a call takes, nor what else may lack."""
    watched = Watched()
    watched.park("uuid-1", GateReason.PERMISSION, call)
    (told,) = [line for line in watched.health.ready().lines if line.startswith("default:")]
    assert f"role {permission}, in the division of the list; connector check names all" in told


def test_a_long_silence_is_an_alarm() -> None:
    """A 429 is a warning; one above the limit of the settings an error."""
    watched = Watched()
    with capture_logs() as lines:
        watched.watcher.notice(Silenced(3.0, alarm=False))
        watched.watcher.notice(Silenced(500.0, alarm=True))
    assert [line["log_level"] for line in lines] == ["warning", "error"]
    assert watched.shows("connector_silence_seconds_total 503.0")


@pytest.mark.parametrize("reason", [Reason.GAP, Reason.OVERFLOW, Reason.WILDCARD])
def test_a_record_after_which_the_crm_must_be_read_is_an_alarm(reason: Reason) -> None:
    """Each kind at most once a minute: hundreds of them can be routine."""
    now = 100.0
    unread = UnreadRecords(lambda: now)
    origin = Origin("crm", "crm", "id", 3, 4711, 1_790_000_000_123)
    outcome = Outcome(origin.outcome_id, origin, None, None, Verdict.REJECTED, reason)
    with capture_logs() as lines:
        unread.told(outcome)
        unread.told(outcome)
        unread.told(replace(outcome, reason=Reason.UNSUPPORTED_LAYOUT))
        unread.told(replace(outcome, reason=Reason.PHONE_INVALID))
        now += 60.0
        unread.told(outcome)
    told = [(line["event"], line["log_level"], line["reason"], line["detail"]) for line in lines]
    alarm = ("record.read_crm", "error", str(reason), "crm/3/4711")
    assert told == [alarm, (*alarm[:2], "unsupported_layout", alarm[3]), alarm]


def test_the_watcher_tells_of_such_records() -> None:
    """An outcome that the broker has is where it hears of them."""
    origin = Origin("crm", "crm", "id", 3, 4711, 1_790_000_000_123)
    outcome = Outcome(origin.outcome_id, origin, None, None, Verdict.REJECTED, Reason.GAP)
    with capture_logs() as lines:
        Watched().watcher.told(outcome)
    assert [line["event"] for line in lines] == ["record.read_crm"]
