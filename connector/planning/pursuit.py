"""Plan for a lead that may be called: bring every list to what the newest good change says."""

from collections.abc import Sequence

from connector.domain.belief import ContactBelief, QuarantinedBy
from connector.domain.change import LeadDelete, LeadQuarantine
from connector.domain.command import (
    FetchContact,
    FindContacts,
    QuarantineContact,
    RemoveContact,
    UpsertContact,
    Urgency,
    Write,
)
from connector.domain.contact import Contact
from connector.domain.ids import ContactId, ListId
from connector.domain.reason import Reason, Verdict
from connector.planning.alone import insertion
from connector.planning.coalesce import group, row_change, wanted_of
from connector.planning.contact_id import chosen_id
from connector.planning.contact_row import full_row, has_no_number
from connector.planning.pending import Pending
from connector.planning.plan import Case, Done, Plan
from connector.planning.policy import ListPolicy
from connector.planning.release import may_open
from connector.planning.routes import routes
from connector.planning.targets import (
    NO_CONTACTS,
    Anything,
    Held,
    Quarantined,
    Removed,
    RowChange,
    Target,
    target_on,
)
from connector.planning.time_zones import zone_reason


def pursue(case: Case, live: Sequence[Pending]) -> Plan:
    """Return the plan that brings the lists to what *live*, oldest first, come to."""
    plan = Plan()
    if not live:
        return plan
    members = group(live)
    if not case.busy:
        for at in range(1, len(members)):
            if _is_carried(members[:at], case):
                plan.done.extend(finished(members[:at], case))
                return plan
    for each in case.policy.lists.values():
        _pursue_on(each, members, case, plan)
    if plan.resting:
        plan.done.extend(finished(members, case))
    return plan


def _is_carried(members: Sequence[Pending], case: Case) -> bool:
    """Say whether changes that a newer one waits behind are in effect on every list already.

    They are done then, before another row of their lead is written. What a list still lacks, or
    may hold of them without our knowing, keeps them: a row of theirs goes there if the newer one
    is rejected.
    """
    if not members[-1].wrote() or members[-1].rejected:
        return False
    trial = Plan()
    for each in case.policy.lists.values():
        _pursue_on(each, members, case, trial)
    return trial.resting


def _pursue_on(each: ListPolicy, members: Sequence[Pending], case: Case, plan: Plan) -> None:
    """Bring one list to the newest change that it did not reject."""
    if each.id in case.busy:
        plan.wait()
        return
    good = [pending for pending in members if each.id not in pending.rejected]
    if good:
        _Step(each, good, case, plan).take()


class _Step:
    """What one list needs next on the way to its target."""

    __slots__ = ("case", "each", "good", "known", "owner", "plan", "unsure")

    def __init__(self, each: ListPolicy, good: Sequence[Pending], case: Case, plan: Plan) -> None:
        self.each, self.case, self.plan = each, case, plan
        self.good, self.owner = good, good[-1]
        self.known = case.belief.lists.get(each.id, NO_CONTACTS)
        self.unsure = self._unsure(good)

    def _unsure(self, good: Sequence[Pending]) -> bool:
        """Say whether a write of an earlier member may have landed and been forgotten by a crash.

        A group is `unchanged` only if every member equals the belief.
        """
        if len(good) == 1:
            return False
        return not all(self.rests((pending,)) for pending in good)

    def _target(self, members: Sequence[Pending]) -> Target:
        wanted = wanted_of(members, self.case.policy)[self.each.id]
        return target_on(self.each, wanted, self.known)

    def rests(self, members: Sequence[Pending]) -> bool:
        """Say whether the list holds what *members* come to, as far as the state knows."""
        contacts = self.known.contacts
        match self._target(members):
            case Held() as held:
                return bool(contacts) and all(self._held(c, held) for c in contacts)
            case Quarantined() as quarantined:
                return all(self._quarantined(c, quarantined) for c in contacts)
            case Removed():
                return not contacts
            case Anything():
                return True

    def take(self) -> None:
        """Ask for what the list needs next; nothing if it holds what it should."""
        target = self._target(self.good)
        contacts = self.known.contacts
        if isinstance(target, Anything):
            self.resolve()
        elif not self.known.looked and self.each.adopt:
            self._want(FindContacts(self.case.lead, self.each.id))
        elif not contacts:
            self._take_unknown(target)
        else:
            for contact in contacts:
                self._take_contact(contact, target)

    def _take_unknown(self, target: Held | Quarantined | Removed) -> None:
        """Nobody knows a contact: insert, or make sure that a forgotten insert did not land."""
        if isinstance(target, Held):
            self._want(insertion(self.case.lead, self.each, target))
        else:
            self.resolve()

    def resolve(self) -> None:
        """Read the chosen id where an insert may have landed that the state does not know."""
        own = chosen_id(self.case.lead)
        place, sight = (self.each.id, own), self.case.sight
        unsure = self.unsure or place in sight.doubted
        if unsure and not self.known.contacts and sight.fresh(place, self.case.now) is None:
            self._want(FetchContact(self.case.lead, self.each.id, own))

    def _take_contact(self, known: ContactBelief, target: Held | Quarantined | Removed) -> None:
        case = self.case
        if self._contact_rests(known, target) and not self._doubts(known.id):
            return
        if isinstance(target, Removed):
            self._want(RemoveContact(case.lead, self.each.id, known.id))
            return
        sighting = case.sight.fresh((self.each.id, known.id), case.now)
        if sighting is None or sighting.contact is None:
            self._want(FetchContact(case.lead, self.each.id, known.id))
        elif isinstance(target, Held):
            self._hold(known, sighting.contact, target)
        else:
            self._quarantine(known, sighting.contact, target)

    def _doubts(self, contact: ContactId) -> bool:
        """Say whether *contact* must be written though it seems right; a write ends the doubt."""
        place, good = (self.each.id, contact), self.good
        lost = any(isinstance(each.unanswered.get(place), UpsertContact) for each in good)
        return (self.unsure or lost) and not any(each.wrote(*place) for each in good)

    def _hold(self, known: ContactBelief, seen: Contact, target: Held) -> None:
        """Write the row; what somebody else disabled stays so (invariant 12)."""
        case = self.case
        opens = may_open(known, seen, self.each.release)
        digest, row = target.digest, full_row(self.each, target.cells, seen)
        same = all(seen.data.get(column) == row[column] for column in target.cells)
        foreign = known.digest is None and known.id != chosen_id(case.lead)
        if same and foreign and not opens and not self._doubts(known.id):
            # Another loader's contact that holds this row already: remembered, not written.
            by = None if seen.callable else known.by or QuarantinedBy.OTHER
            learned = ContactBelief(known.id, digest, seen.callable, by, known.since)
            self.plan.learned.append((self.each.id, learned))
            return
        write = Write(row, seen.callable or opens, seen.kept)
        again = self.each.requeue and opens and not seen.callable
        self._want(
            UpsertContact(
                case.lead,
                self.each.id,
                known.id,
                digest,
                write.callable,
                write,
                requeue=again,
            )
        )

    def _quarantine(self, known: ContactBelief, seen: Contact, target: Quarantined) -> None:
        """Make the contact uncallable, after the row that says that this is ours is durable."""
        case, place = self.case, (self.each.id, known.id)
        if seen.callable and place not in case.sight.ahead_done:
            self.plan.ahead.append(place)
            self.plan.wait()
            return
        named = target.cells if target.cells is not None else {}
        write = Write(full_row(self.each, named, seen), callable=False, kept=seen.kept)
        self._want(QuarantineContact(case.lead, self.each.id, known.id, target.digest, write))

    def _contact_rests(self, known: ContactBelief, target: Held | Quarantined | Removed) -> bool:
        match target:
            case Held():
                return self._held(known, target)
            case Quarantined():
                return self._quarantined(known, target)
            case Removed():
                return False

    def _held(self, known: ContactBelief, target: Held) -> bool:
        withheld = known.callable is False and known.by in (
            QuarantinedBy.OTHER,
            QuarantinedBy.KEPT,
        )
        return (known.callable is True or withheld) and self._same(known, target)

    def _quarantined(self, known: ContactBelief, target: Quarantined) -> bool:
        return known.callable is False and (target.cells is None or self._same(known, target))

    def _same(self, known: ContactBelief, target: Held | Quarantined) -> bool:
        if known.digest is None or target.cells is None:
            return False
        digests = self.case.policy.digests
        return known.digest == target.digest or (
            digests.changing and digests.same_row(known.digest, self.each.id, target.cells)
        )

    def _want(
        self,
        command: FindContacts | FetchContact | UpsertContact | QuarantineContact | RemoveContact,
    ) -> None:
        self.plan.want(command, self.owner, Urgency.WRITE)


def finished(members: Sequence[Pending], case: Case) -> list[Done]:
    """Return how each of *members* ends, now that nothing is left to do for them."""
    return [
        _ended(pending, case, newest=at == len(members) - 1) for at, pending in enumerate(members)
    ]


def _ended(pending: Pending, case: Case, *, newest: bool) -> Done:
    if pending.rejected:
        return Done(pending, Verdict.REJECTED, next(iter(pending.rejected.values())).reason)
    if pending.wrote():
        return Done(pending, Verdict.APPLIED, _applied_reason(pending, case))
    if not newest:
        return Done(pending, Verdict.STALE, Reason.SUPERSEDED)
    return Done(pending, Verdict.UNCHANGED, _unchanged_reason(row_change(pending), case))


def _applied_reason(pending: Pending, case: Case) -> Reason | None:
    change = row_change(pending)
    if isinstance(change, LeadDelete):
        return None
    wanted = wanted_of((pending,), case.policy)
    for list_id, target in wanted.items():
        known = case.belief.lists.get(list_id, NO_CONTACTS)
        if isinstance(target, Held) and any(
            contact.by is QuarantinedBy.KEPT for contact in known.contacts
        ):
            return Reason.KEPT_QUARANTINED
    return Reason.PHONE_DROPPED if change.row.dropped else zone_reason(wanted, case.policy)


def _unchanged_reason(change: RowChange, case: Case) -> Reason:
    """Return the first reason that fits, over all lists (design.md section 4, Routes)."""
    if isinstance(change, LeadDelete):
        return Reason.SAME_ROW if _knows_any(case) else Reason.NO_CONTACT
    here = routes(change.row.fields, case.policy)
    if not here:
        return Reason.NO_LIST
    if not isinstance(change, LeadQuarantine) and has_no_number(
        change.row, case.policy.sources[case.policy.source_of(change.origin)]
    ):
        return Reason.NO_PHONE
    if any(_contacts_on(list_id, case) for list_id in here):
        return Reason.SAME_ROW
    return Reason.NO_CONTACT


def _knows_any(case: Case) -> bool:
    return any(_contacts_on(list_id, case) for list_id in case.belief.lists)


def _contacts_on(list_id: ListId, case: Case) -> bool:
    return bool(case.belief.lists.get(list_id, NO_CONTACTS).contacts)
