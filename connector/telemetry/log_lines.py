"""List every line that a worker writes to its log, once; `docs/signals.md` is made from it.

The code writes them by structlog where they happen; a test holds both sides equal.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line: its event, how loud it is, what it says and what an operator does about it."""

    event: str
    level: Literal["info", "warning", "error"]
    meaning: str


LOG_LINES: tuple[LogLine, ...] = (
    LogLine("worker.started", "info", "The process is up; `health` is where it tells how it is."),
    LogLine("partitions.assigned", "info", "It has joined the group; none: it is a spare."),
    LogLine("partitions.restored", "info", "The state is there, and work begins."),
    LogLine("partitions.revoked", "info", "Its partitions go to others, or it stops."),
    LogLine("worker.stopping", "info", "It was told to end, and drains."),
    LogLine("worker.stopped", "info", "It has ended, after `seconds`, with `exit_code`."),
    LogLine(
        "worker.stop_cut_off",
        "warning",
        "It did not end in time and was cut off: a broker is away. What was not committed is done "
        "again; nothing is lost.",
    ),
    LogLine(
        "worker.refused", "error", "It cannot begin (exit code 3 or 2): do what `problem` says."
    ),
    LogLine(
        "worker.failed",
        "error",
        "It must end (exit code 1) because of what stands below: start it again, and report it "
        "where it recurs.",
    ),
    LogLine(
        "worker.lease_lapsed",
        "error",
        "The brokers confirmed no commit, so its partitions may be another's (exit code 75): "
        "start it again, look at the network to the brokers.",
    ),
    LogLine("command.failed", "error", "A bug (exit code 1): report it with what stands below."),
    LogLine("broker.unreachable", "warning", "No broker answers at start; it is waited for."),
    LogLine(
        "outcomes.held",
        "warning",
        "The schema registry is away, so no outcome can be written as Avro: opt-outs go out, "
        "changes too up to `apply.max_unsettled`, nothing is committed. It is asked again.",
    ),
    LogLine(
        "outcomes.flow", "info", "The registry answered: outcomes are written, held ones too."
    ),
    LogLine(
        "broker.trouble",
        "warning",
        "A broker does not answer the producer. Sends are repeated; one that fails for good ends "
        "the worker.",
    ),
    LogLine(
        "registry.unreachable",
        "warning",
        "The schema registry gives no schema: do what `detail` says. Records of the sources that "
        "need one wait, nothing is refused; all else goes on.",
    ),
    LogLine("registry.reachable", "info", "The schema registry answers again."),
    LogLine(
        "schema.unknown",
        "error",
        "The registry does not know the id that records name, and they are refused for a minute: "
        "see whether `registry.url` is the one that their writer uses.",
    ),
    LogLine(
        "schema.unusable",
        "error",
        "The records of this schema are refused because of `detail`: mend it at the source.",
    ),
    LogLine(
        "platform.unreachable",
        "warning",
        "No usable answer three times in a row, or none at start; it is waited for.",
    ),
    LogLine("platform.reachable", "info", "The platform answers again."),
    LogLine(
        "platform.throttled",
        "warning",
        "A 429: nothing leaves for `seconds`. An `error` above `genesys.retry_after_limit`: ask "
        "who else uses this OAuth client.",
    ),
    LogLine(
        "list.parked",
        "error",
        "Nothing goes to `list` because of `reason`: do what `advice` says. It is tried again by "
        "itself.",
    ),
    LogLine("list.resumed", "info", "`list` takes requests again."),
    LogLine(
        "list.full",
        "error",
        "`list` or its organisation takes no new contact: make room, do what `advice` says. New "
        "contacts wait and are tried again by themselves; updates and opt-outs go on.",
    ),
    LogLine("list.has_room", "info", "`list` takes new contacts again."),
    LogLine(
        "list.defers",
        "warning",
        "What `list` holds back of a partition is settled as `list_deferred` from now on. It is "
        "brought to the list by itself once that returns.",
    ),
    LogLine(
        "list.caught_up",
        "info",
        "All that `list` had deferred of a partition was brought to it, in outcomes whose ids end "
        "in `@` and `replay_id`.",
    ),
    LogLine(
        "deferring.waits",
        "warning",
        "A broker did not answer while something was to be deferred or caught up: tried again.",
    ),
    LogLine(
        "list.filling",
        "warning",
        "`list` is 80 % full: do what `advice` says. Told once, until it is less full.",
    ),
    LogLine(
        "list.nearly_full",
        "error",
        "`list` is 95 % full, and a full one takes no new lead: do what `advice` says now. Told "
        "once, until it is less full.",
    ),
    LogLine("list.less_full", "info", "`list` is back below 95 or 80 % of its room."),
    LogLine(
        "list_size.failed",
        "warning",
        "The platform does not say how full `list` is: do what `advice` says. No lead waits; it "
        "is asked again with each coverage round, and told again once that went well between.",
    ),
    LogLine(
        "list_size.broken",
        "error",
        "A bug keeps us from asking how full `list` is: report what stands below. No lead waits.",
    ),
    LogLine(
        "coverage.missing",
        "error",
        "A campaign that dials `list` does not heed our DNC list, or that list takes no number "
        "(`gap`): do what `advice` says; `place` is the campaign or the DNC list. Told once, "
        "until it is closed.",
    ),
    LogLine(
        "coverage.at_risk",
        "warning",
        "A campaign of `list` would not heed our DNC list if it were turned on, or that list is "
        "80 % full (`gap`): do what `advice` says.",
    ),
    LogLine(
        "coverage.unknown",
        "error",
        "Nobody can see whether `list` is covered: do what `advice` says. It is asked again, "
        "after 5 seconds first.",
    ),
    LogLine("coverage.whole", "info", "Nothing is missing any more in the coverage of `list`."),
    LogLine(
        "coverage.broken",
        "error",
        "A bug keeps us from seeing whether lists are covered: report what stands below.",
    ),
    LogLine(
        "inserts.held",
        "warning",
        "`list` is not covered and `compliance.uncovered` is `hold`: new contacts wait. Opt-outs, "
        "updates and quarantines go on.",
    ),
    LogLine("inserts.let_go", "info", "`list` is covered, and new contacts go on."),
    LogLine(
        "rounds.broken",
        "error",
        "A bug ended a round that looks at the lists: report what stands below. It is done again "
        "after a minute; no lead waits.",
    ),
    LogLine(
        "campaign.restarted",
        "info",
        "A completed campaign of `list` was turned on again for new contacts, and dials from its "
        "first record; `already`: somebody else had turned it on.",
    ),
    LogLine(
        "campaign.would_restart",
        "info",
        "A completed campaign of `list` would be turned on again, but `campaigns` is `report`: do "
        "what `advice` says.",
    ),
    LogLine(
        "campaign.overtaken",
        "info",
        "A campaign changed before we could turn it on: another worker or a person was faster. It "
        "is read again.",
    ),
    LogLine(
        "campaigns.failed",
        "warning",
        "The campaigns of `list` could not be looked after: do what `advice` says. No lead waits; "
        "it is tried again after `seconds`.",
    ),
    LogLine(
        "campaigns.no_control",
        "warning",
        "The control topic could not be read or written, so no campaign of `list` is turned on: "
        "do what `advice` says. It is tried again after `seconds`.",
    ),
    LogLine(
        "campaigns.broken",
        "error",
        "A bug keeps us from looking after the campaigns of `list`: report what stands below. No "
        "lead waits.",
    ),
    LogLine(
        "control.unreadable",
        "warning",
        "A record of the control topic is no JSON object and was left out: somebody else writes "
        "there.",
    ),
    LogLine(
        "budget_claim.heard",
        "info",
        "A command will send up to `requests` requests a minute within `seconds`: so much room is "
        "left in the allowance.",
    ),
    LogLine(
        "budget_claim.ignored",
        "warning",
        "A claim of a command on the allowance is not honoured because of `detail`: somebody else "
        "writes to the control topic, or many commands run at once.",
    ),
    LogLine(
        "budget_claims.unheard",
        "warning",
        "The control topic could not be read, so commands beside this worker may meet a 429: look "
        "at the brokers. It is tried again every few seconds.",
    ),
    LogLine(
        "budget_claims.broken",
        "error",
        "A bug keeps us from hearing of commands: report what stands below. No lead waits.",
    ),
    LogLine(
        "brake.pulled",
        "error",
        "Writes of a kind, or one partition (`brake`, `scope`), wait because of `detail`; "
        "opt-outs go on. Find out what the CRM did, then do what `advice` says.",
    ),
    LogLine("brake.released", "info", "A person let `brake` go on, and its counting begins anew."),
    LogLine(
        "brake.ignored",
        "warning",
        "A record of the control topic names a brake that this version does not know, or a list "
        "that is not in the settings, and nothing is stopped by it.",
    ),
    LogLine(
        "brakes.unheard",
        "warning",
        "The control topic could not be read or written, so this worker does not hear of brakes; "
        "at its start no write leaves before. Look at the brokers; it is tried every second.",
    ),
    LogLine(
        "opt_outs.late",
        "error",
        "Opt-outs wait for more than a minute, the oldest for `seconds`, or records do that were "
        "not read and may be some. `detail` says which: look at parked lists, at the platform, at "
        "slot waits; where records are unread, at the registry and at the lag.",
    ),
    LogLine(
        "opt_outs.caught_up",
        "info",
        "No opt-out waits for longer than a minute any more, and no record is unread for so long.",
    ),
    LogLine(
        "opt_outs.mass",
        "error",
        "More people opted out within a minute (`count`) than this worker's share of 500. All of "
        "it is carried out, for no brake stops an opt-out: do what `advice` says.",
    ),
    LogLine("opt_outs.mass_over", "info", "Opt-outs come at a usual rate again."),
    LogLine(
        "opt_out.produced_again",
        "error",
        "An opt-out had not come to its topic and was produced again: a broker lost or delayed an "
        "acknowledged record.",
    ),
    LogLine(
        "opt_out.refused",
        "error",
        "The platform refuses something of an opt-out as bad data; all else of it is done. Find "
        "the record's dead letter (`detail` names it) and see to it by hand that the person is "
        "not called.",
    ),
    LogLine(
        "opt_out.undone",
        "error",
        "Something made a contact callable again right after it was quarantined for an opt-out; "
        "it was quarantined again, for half a minute at most. Look in Genesys for what does that: "
        "a rule of a campaign, another loader. The effects of the outcome (`detail` names it) "
        "show each time, and end with `verified` where it stays uncallable.",
    ),
    LogLine(
        "record.read_crm",
        "error",
        "A record does not tell what changed, or for whom (`reason`); it may be an opt-out. Find "
        "its dead letter (`detail` names the record), read in the CRM what it is about, and bring "
        "contacts and opt-outs up to date by hand. At most once a minute for a topic and reason: "
        "`connector_dead_letters_total` counts them all.",
    ),
    LogLine(
        "state.foreign_rows",
        "warning",
        "A worker that was paused and replaced wrote late to the changelog; its rows were read.",
    ),
    LogLine("lag.unknown", "warning", "The ends of partitions could not be read; asked again."),
    LogLine("lag.failed", "error", "The lag is not told for a while; report what stands below."),
)
