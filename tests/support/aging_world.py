"""Play histories of leads that become too old to be inserted while they wait."""

from dataclasses import dataclass, replace

from connector.domain.change import LeadChange, LeadQuarantine, LeadUpsert
from connector.domain.command import Command, UpsertContact
from connector.domain.ids import LeadId, ListId
from connector.domain.reason import Reason
from connector.planning.lane import Lane
from connector.planning.moves import Moves
from connector.planning.policy import Policy
from tests.support.lane_world import ALL, SOUTH, World, a_policy
from tests.support.row_truth import RowTruth

MAX_AGE = 60.0
"""Seconds; a history lasts for about as long."""
AGE_FIELD = "born"
_START = 1_000.0


def an_aging_policy(*, adopt: bool) -> Policy:
    """Return the two lists, with an age limit."""
    return replace(a_policy(adopt=adopt), max_age=MAX_AGE, age_field=AGE_FIELD)


@dataclass
class AgingWorld(World):
    """Each lead is born at one moment, which every whole row of it names.

    So whether it is too old is a matter of the clock alone. `expired` are the leads of which an
    outcome said so, `behind` those that a list may lack for it, whatever the outcome.
    """

    def __post_init__(self) -> None:
        self.born: dict[LeadId, float] = {}
        self.expired: set[LeadId] = set()
        self.behind: set[LeadId] = set()
        super().__post_init__()

    def _history(self) -> list[LeadChange]:
        made = super()._history()
        for lead in sorted({each.lead for each in made}):
            self.born[lead] = _START - self.random.choice([-300.0, 20.0, 50.0, 61.0])
        return [self._dated(each) for each in made]

    def _dated(self, change: LeadChange) -> LeadChange:
        if not isinstance(change, LeadUpsert | LeadQuarantine) or not change.row.whole:
            return change
        at = int(self.born[change.lead])
        text = f"1970-01-01 00:{at // 60:02}:{at % 60:02}"
        return replace(change, row=replace(change.row, fields={**change.row.fields, "born": text}))

    def _too_old(self, lead: LeadId) -> bool:
        return self.now - self.born[lead] > MAX_AGE

    def _judge_sent(self, command: Command) -> None:
        super()._judge_sent(command)
        new = isinstance(command, UpsertContact) and command.new
        if new and self._too_old(command.lead) and not self._there(command.lead):
            self.wrong["a new lead that is too old is inserted"] += 1

    def _run(self, lane: Lane, moves: Moves) -> None:
        for done in moves.done:
            lead = done.pending.change.lead
            if self._too_old(lead) and self._there(lead) != set(self.policy.lists):
                self.behind.add(lead)
            if done.reason is Reason.EXPIRED:
                self._judge_expired(done.pending.change)
        super()._run(lane, moves)

    def _there(self, lead: LeadId) -> set[ListId]:
        contacts = self.platform.contacts.items()
        return {place[0] for place, each in contacts if each.data["CRM_Lead_ID"] == lead}

    def _judge_expired(self, change: LeadChange) -> None:
        """A lead that expires is too old, and is not there: no write of it has landed or may."""
        lead = change.lead
        self.expired.add(lead)
        assert isinstance(change, LeadUpsert)
        wanted = {ALL, SOUTH} if change.row.fields.get("region") == "south" else {ALL}
        if change.row.whole and wanted <= self._there(lead):
            self.wrong["expired though it is there"] += 1
        if not self._too_old(lead):
            self.wrong["expired though it is not too old"] += 1
        if any(isinstance(each, UpsertContact) and each.lead == lead for each in self.air):
            self.wrong["expired while an insert may land"] += 1

    def _truth(self, lead: LeadId, mine: list[LeadChange]) -> RowTruth:
        truth = super()._truth(lead, mine)
        # What would have been there if it had come in time is not judged beside what is not.
        truth.doubtful |= lead in self.behind
        return truth
