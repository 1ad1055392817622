"""List every metric of a worker, once: names, labels, meaning. `docs/signals.md` is made from it.

Names begin `connector_` and end in the unit (contract.md section 5). Labels are closed sets: never
a lead, a number, or a name from outside the settings.
"""

from connector.domain.campaign import Restart
from connector.domain.command import Urgency
from connector.domain.outcome import LaneName
from connector.domain.reason import Reason, Stage, Verdict
from connector.planning.brakes import Brake
from connector.planning.coverage import GapKind
from connector.planning.gates import GateReason
from connector.telemetry.signal import NONE, Kind, Label, Signal

CALLS = (
    "token",
    "list",
    "dnc_list",
    "search",
    "bulk_read",
    "post_contacts",
    "put_contact",
    "delete_contacts",
    "post_numbers",
    "campaigns",
    "campaign",
    "put_campaign",
    "list_size",
)
"""Calls of the platform (`genesys.call.Call`; a test holds both lists equal)."""

ANSWERS = (
    "applied",
    "unclear",
    "unavailable",
    "busy",
    "collided",
    "outdated",
    "missing",
    "doubted",
    "unfit",
    "oversized",
    "tokenspent",
    "environment",
    "throttled",
)
"""Classes of answers (`genesys.answer.Answer`; a test holds both lists equal)."""

CAMPAIGN_TROUBLES = (*ANSWERS, "control", "bug")
"""What keeps us from looking after campaigns: an answer, the control topic, or ourselves."""

SCHEMA_ANSWERS = ("found", "unknown", "unusable", "away")
"""What comes of asking for a schema (`stream.facts.SchemaAnswer`; a test holds both equal)."""

STAGES = (
    "crm_to_kafka",
    "kafka_to_decided",
    "decided_to_sent",
    "sent_to_accepted",
    "accepted_to_verified",
)
"""Stages of an outcome's latency (contract.md section 4)."""

_FAST = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_SLOW = (*_FAST, 60.0, 300.0, 1800.0, 7200.0, 86400.0)
_SIZES = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000)

_VERDICT = Label("verdict", tuple(Verdict), "how a record ended")
_REASON = Label("reason", (*Reason, NONE), "why; `none` where the verdict says all")
_FAULT = Label(
    "reason", tuple(Reason)[tuple(Reason).index(Reason.UNKNOWN_LEAD) :], "what is wrong with it"
)
_LANE = Label("lane", tuple(LaneName), "opt-outs or all else")
_CALL = Label("call", CALLS, "what was asked of the platform")
_ANSWER = Label("answer", ANSWERS, "class of the answer (see the answer table)")
_STAGE = Label("stage", tuple(Stage), "where the record was refused")
_STEP = Label("step", STAGES, "between which two moments")
_URGENCY = Label("urgency", tuple(each.name.lower() for each in Urgency), "what waited")
_PLACE = Label("place", None, "name of the list in the settings, `all`, or `other`")
_GATE = Label("reason", tuple(GateReason), "why it is parked")
_BRAKE = Label("brake", tuple(Brake), "what it stops")
_GAP = Label("gap", tuple(GapKind), "what is missing")
_RESTART = Label("result", tuple(Restart), "what came of it")
_TROUBLE = Label("answer", CAMPAIGN_TROUBLES, "class of the answer, `control` topic, or a `bug`")
_SCHEMA = Label("result", SCHEMA_ANSWERS, "what came of it")
_SOURCE = Label("source", None, "name of the source in the settings")
_TOPIC = Label("topic", None, "topic of the settings or of ours")
_PARTITION = Label("partition", None, "its number")

RECORDS = Signal(
    Kind.COUNTER,
    "connector_records_total",
    "Records read",
    "Compare with what the sources produce.",
    (_TOPIC,),
)
OUTCOMES = Signal(
    Kind.COUNTER,
    "connector_outcomes_total",
    "Outcomes acknowledged by the broker",
    "Each record ends in one; a jump of `rejected` or `suppressed` wants a look at its reason.",
    (_VERDICT, _REASON, _LANE),
)
DEAD_LETTERS = Signal(
    Kind.COUNTER,
    "connector_dead_letters_total",
    "Dead letters written",
    "Look at the letters of the reason that grows, mend the source, redrive.",
    (_FAULT, _STAGE),
)
LATENCY = Signal(
    Kind.HISTOGRAM,
    "connector_latency_seconds",
    "Time between two moments of a change's life",
    "Says which step grows. A record tells the steps that happened, so counts differ; for the "
    "whole of an opt-out see `connector_opt_out_seconds`.",
    (_STEP, _LANE),
    _SLOW,
)
HONOURED = Signal(
    Kind.HISTOGRAM,
    "connector_opt_out_seconds",
    "Time from the append of an opt-out in Kafka to the platform's last acceptance of it",
    "Alarm on its 99th percentile: what waits behind nothing takes a second or two. An opt-out "
    "that found all done already is not in it.",
    (),
    _SLOW,
)
LAG = Signal(
    Kind.GAUGE,
    "connector_lag_records",
    "Records, or holes of theirs, between what may be committed and the end of the partition",
    "Grows while the platform is slower than the sources; must end before retention does.",
    (_TOPIC, _PARTITION),
)
OPEN = Signal(
    Kind.GAUGE,
    "connector_open_records",
    "Records read and not settled",
    "Full for long: look at gates, slot waits and dead letters.",
)
HOLES = Signal(
    Kind.COUNTER,
    "connector_holes_total",
    "Holes in the offsets of source topics",
    "Normal with compaction and transactions; otherwise records were lost by retention.",
    (_TOPIC,),
)
UNSETTLED = Signal(
    Kind.GAUGE,
    "connector_unsettled_rows",
    "State rows sent or accepted without a durable row: what a crash would repeat",
    "Stands at its limit while the broker is slow to acknowledge.",
)
OPT_OUTS_OPEN = Signal(
    Kind.GAUGE,
    "connector_open_opt_outs",
    "Opt-outs read and not settled",
    "Should return to zero by itself; see the age of the oldest.",
)
OPT_OUT_AGE = Signal(
    Kind.GAUGE,
    "connector_oldest_opt_out_seconds",
    "Age of the oldest opt-out that is not settled, 0 without one",
    "Part of the compliance age, which has the alarm.",
)
RECENT_OPT_OUTS = Signal(
    Kind.GAUGE,
    "connector_recent_opt_outs",
    "Opt-outs that were honoured anew in the last minute",
    "Alarm where their sum over all workers passes 500: a mass is carried out, and wants a look.",
)
COMPLIANCE_AGE = Signal(
    Kind.GAUGE,
    "connector_compliance_age_seconds",
    "Age of the oldest opt-out that is not settled, or of the oldest unread record if that is "
    "older, for it may be one",
    "Alarm above a minute: somebody who opted out may still be called. Unread counts what waits "
    "for a schema, what stands in a partition of the sources or of opt-outs that is paused or "
    "behind. It is looked for every 15 s, so the alarm may come and go that much late.",
)
LATE_FENCES = Signal(
    Kind.COUNTER,
    "connector_late_fences_total",
    "Opt-outs that had to be produced to the opt-outs topic again",
    "Should stay zero; a broker lost or delayed an acknowledged record.",
)
SCHEMA_REQUESTS = Signal(
    Kind.COUNTER,
    "connector_schema_requests_total",
    "Questions to the schema registry by what came of them",
    "Each schema is asked for once; `away` is an outage, `unknown` and `unusable` want a look.",
    (_SCHEMA,),
)
SCHEMA_WAITS = Signal(
    Kind.GAUGE,
    "connector_schema_waiting_records",
    "Records read that wait for a schema, with all behind them in their partition",
    "Should return to zero by itself; else look at the registry.",
    (_SOURCE,),
)
REQUESTS = Signal(
    Kind.COUNTER,
    "connector_requests_total",
    "Requests to the platform by what came of them",
    "All of them count against the allowance; `unfit` and `environment` want a look.",
    (_CALL, _ANSWER),
)
REQUEST_TIME = Signal(
    Kind.HISTOGRAM,
    "connector_request_seconds",
    "Time from the first byte of a request to the end of its answer",
    "Slow answers hold batches, not the budget.",
    (_CALL,),
    _FAST,
)
BATCH_SIZE = Signal(
    Kind.HISTOGRAM,
    "connector_batch_commands",
    "Commands in a request that carries some",
    "Under backlog equal to the batch size; small batches waste the allowance.",
    (_CALL,),
    _SIZES,
)
SLOT_WAIT = Signal(
    Kind.HISTOGRAM,
    "connector_slot_wait_seconds",
    "Time that a request waited for its slot of the allowance",
    "Large for `write` means that the allowance is used up; for `block` it should be below 1 s.",
    (_URGENCY,),
    _FAST,
)
WAITING = Signal(
    Kind.GAUGE,
    "connector_waiting_commands",
    "Commands that wait for a slot, a pause or a gate",
    "Grows with backlog.",
)
SILENCE = Signal(
    Kind.COUNTER,
    "connector_silence_seconds_total",
    "Seconds for which a 429 forbade every request",
    "Somebody else uses this OAuth client, or the allowance is set too high.",
)
TOKENS = Signal(
    Kind.COUNTER,
    "connector_token_renewals_total",
    "Access tokens asked for",
    "Many without `applied`: look at the OAuth client.",
    (_ANSWER,),
)
ALLOWANCE = Signal(
    Kind.GAUGE,
    "connector_allowance_ratio",
    "Share of the OAuth client's allowance that this worker uses",
    "Follows the partitions; the shares of all workers sum to one.",
)
GATES = Signal(
    Kind.GAUGE,
    "connector_shut_gates",
    "Places to which nothing goes because the environment refuses, new contacts at least",
    "Put right what the reason says; it resumes by itself.",
    (_PLACE, _GATE),
)
BRAKES = Signal(
    Kind.GAUGE,
    "connector_pulled_brakes",
    "Brakes that are pulled, by a person or by a limit, as this worker knows them",
    "Alarm above 0: find the cause (`connector brakes show`), then let it go on.",
    (_BRAKE,),
)
LIST_CONTACTS = Signal(
    Kind.GAUGE,
    "connector_list_contacts",
    "Contacts on a list, as the platform said at start and says with each coverage round",
    "Told by the worker of the first partition, for all.",
    (_PLACE,),
)
LIST_FILL = Signal(
    Kind.GAUGE,
    "connector_list_fill_ratio",
    "Contacts on a list as a share of the most that the platform takes",
    "Alarm at 0.8: take contacts away or begin another list, for a full one takes no new lead.",
    (_PLACE,),
)
COVERAGE_GAPS = Signal(
    Kind.GAUGE,
    "connector_coverage_gaps",
    "What keeps the campaigns of a list from heeding opted-out numbers",
    "Alarm above 0: the ready page names the campaign or DNC list and says what to do. `resting` "
    "campaigns dial once somebody turns them on, `filling` DNC lists are 80 % full, `unknown` "
    "could not be read. Told by the worker of the first partition for all; with "
    '`compliance.uncovered = "hold"` by each.',
    (_PLACE, _GAP),
)
CAMPAIGN_RESTARTS = Signal(
    Kind.COUNTER,
    "connector_campaign_restarts_total",
    "Completed campaigns that were turned on again for new contacts, or would have been",
    "Each dials from the first record again; many `reported`: make the campaign always running.",
    (_PLACE, _RESTART),
)
CAMPAIGN_FAILURES = Signal(
    Kind.COUNTER,
    "connector_campaign_failures_total",
    "Looks at the campaigns of a list that failed",
    "No lead waits for them, but a completed campaign stays so; do what the log line advises.",
    (_PLACE, _TROUBLE),
)
PARTITIONS = Signal(
    Kind.GAUGE,
    "connector_assigned_partitions",
    "Partitions of lead changes that this worker owns",
    "Zero on a spare worker.",
)
RESTORED = Signal(
    Kind.COUNTER,
    "connector_restored_rows_total",
    "State rows read from the changelog at restores",
    "Many at each start: the state directory does not survive it.",
)
RESTORE_TIME = Signal(
    Kind.HISTOGRAM,
    "connector_restore_seconds",
    "Time that a restore of the state took",
    "Records wait meanwhile.",
    (),
    _SLOW,
)
COMMITS = Signal(
    Kind.COUNTER,
    "connector_commits_total",
    "Offset commits that the group confirmed; each renews the lease",
    "Stops before a worker ends with exit code 75.",
)
LEASE = Signal(
    Kind.GAUGE,
    "connector_lease_seconds",
    "How long this worker may still speak to the platform without a confirmed commit",
    "Near zero: the group's coordinator cannot be reached.",
)
BUILD = Signal(
    Kind.GAUGE,
    "connector_build_info",
    "1, with the version",
    "Tells which workers were updated.",
    (Label("version", None, "of the connector"),),
)

CATALOGUE: tuple[Signal, ...] = (
    RECORDS,
    OUTCOMES,
    DEAD_LETTERS,
    LATENCY,
    HONOURED,
    LAG,
    OPEN,
    HOLES,
    UNSETTLED,
    OPT_OUTS_OPEN,
    OPT_OUT_AGE,
    RECENT_OPT_OUTS,
    COMPLIANCE_AGE,
    LATE_FENCES,
    SCHEMA_REQUESTS,
    SCHEMA_WAITS,
    REQUESTS,
    REQUEST_TIME,
    BATCH_SIZE,
    SLOT_WAIT,
    WAITING,
    SILENCE,
    TOKENS,
    ALLOWANCE,
    GATES,
    BRAKES,
    LIST_CONTACTS,
    LIST_FILL,
    COVERAGE_GAPS,
    CAMPAIGN_RESTARTS,
    CAMPAIGN_FAILURES,
    PARTITIONS,
    RESTORED,
    RESTORE_TIME,
    COMMITS,
    LEASE,
    BUILD,
)
