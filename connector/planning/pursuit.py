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
from connector.planning.age import expires
from connector.planning.alone import insertion
from connector.planning.coalesce import group
from connector.planning.contact_id import chosen_id
from connector.planning.contact_row import full_row
from connector.planning.endings import finished
from connector.planning.filling import cells_at, is_partial, rest_of, stands_at, unread
from connector.planning.outlook import Outlook
from connector.planning.partial import ready, refused, withheld
from connector.planning.pending import Pending
from connector.planning.plan import Case, Plan
from connector.planning.policy import ListPolicy
from connector.planning.release import may_open
from connector.planning.targets import (
    NO_CONTACTS,
    Anything,
    Held,
    Quarantined,
    Removed,
    RowTarget,
    Target,
    completed,
    target_on,
)


def pursue(case: Case, live: Sequence[Pending]) -> Plan:
    """Return the plan that brings the lists to what *live*, oldest first, come to."""
    plan = Plan()
    if not live:
        return plan
    members, outlook = group(live), Outlook(case)
    if not case.busy:
        for at in range(1, len(members)):
            if _is_carried(members[:at], case, outlook):
                plan.done.extend(finished(members[:at], case, outlook))
                return plan
    hidden: frozenset[ListId] = frozenset()
    if ready(members, case, outlook, plan):
        hidden = withheld(members, case, outlook)
        for each in _lists(members, case):
            if each.id not in hidden:
                _pursue_on(each, members, case, outlook, plan)
    deferred = plan.put_off(case.deferral)
    if (plan.resting or deferred) and not plan.done:
        ends = refused if hidden else finished
        plan.done.extend(ends(members, case, outlook, deferred))
    return plan


def _lists(members: Sequence[Pending], case: Case) -> list[ListPolicy]:
    """Return the lists that *members* are for: not all where they come from a deferral."""
    only = members[0].only
    return [each for each in case.policy.lists.values() if only is None or each.id in only]


def _is_carried(members: Sequence[Pending], case: Case, outlook: Outlook) -> bool:
    """Say whether changes that a newer one waits behind are in effect on every list already.

    They are done then, before another row of their lead is written. What a list still lacks, or
    may hold of them without our knowing, keeps them: a row of theirs goes there if the newer one
    is rejected.
    """
    if not members[-1].wrote() or members[-1].rejected:
        return False
    if is_partial(outlook.change(members)) and unread(case):
        return False
    trial = Plan()
    for each in _lists(members, case):
        _pursue_on(each, members, case, outlook, trial)
    return trial.resting


def _pursue_on(
    each: ListPolicy, members: Sequence[Pending], case: Case, outlook: Outlook, plan: Plan
) -> None:
    """Bring one list to the newest change that it did not reject."""
    if each.id in case.busy:
        plan.wait()
        return
    good = [pending for pending in members if each.id not in pending.rejected]
    if good:
        _Step(each, good, case, outlook, plan).take()


class _Step:
    """What one list needs next on the way to its target."""

    __slots__ = ("case", "each", "good", "known", "outlook", "owner", "plan", "unsure")

    def __init__(
        self,
        each: ListPolicy,
        good: Sequence[Pending],
        case: Case,
        outlook: Outlook,
        plan: Plan,
    ) -> None:
        self.each, self.case, self.outlook, self.plan = each, case, outlook, plan
        self.good, self.owner = good, good[-1]
        self.known = case.belief.lists.get(each.id, NO_CONTACTS)
        self.unsure = self.known.deferred or self._unsure(good)

    def _unsure(self, good: Sequence[Pending]) -> bool:
        """Say whether a write of an earlier member may have landed and been forgotten by a crash.

        A group is `unchanged` only if every member equals the belief, each with those before it.
        """
        if len(good) == 1:
            return False
        return not all(self.rests(good[: at + 1]) for at in range(len(good)))

    def _target(self, members: Sequence[Pending]) -> Target | None:
        wanted, list_id = self.outlook.wanted(members), self.each.id
        if list_id not in wanted:
            return None
        return target_on(self.each, wanted[list_id], self.known)

    def rests(self, members: Sequence[Pending]) -> bool:
        """Say whether the list holds what *members* come to, as far as the state knows."""
        contacts = self.known.contacts
        match self._target(members):
            case Held() as held:
                return bool(contacts) and all(self._contact_rests(c, held) for c in contacts)
            case Quarantined() as quarantined:
                return all(self._contact_rests(c, quarantined) for c in contacts)
            case Removed():
                return not contacts
            case Anything():
                return True
            case None:
                return False

    def take(self) -> None:
        """Ask for what the list needs next; nothing if it holds what it should."""
        target = self._target(self.good)
        contacts = self.known.contacts
        if target is None:
            self._read_contacts()
        elif isinstance(target, Anything):
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
        if not isinstance(target, Held):
            self.resolve()
            return
        if expires(self.each.id, self.good, self.case):
            self._look_before_it_expires()
            return
        whole = self._completed(target, None)
        if whole is None:
            self._read_contacts()
        elif self._awaits(target):
            self.plan.lacking.add(self.each.id)
        else:
            self._want(insertion(self.case.lead, self.each, whole))

    def _awaits(self, target: Held | Quarantined) -> bool:
        """Say whether what a lead lacks that is new here, or comes back, may be in changes that
        were deferred elsewhere.
        """
        case = self.case
        leaves = isinstance(target, Quarantined) and target.keeps
        if not target.lacks or leaves:
            return False
        known = bool(self.known.contacts) and stands_at(self.known, case)
        return not known and case.deferral.owes(case.belief, self.owner.only)

    def _read_contacts(self, known: ContactBelief | None = None) -> None:
        """Read what the change does not name: from the contact itself, else from all others."""
        case = self.case
        if known is not None and cells_at(self.each.id, known, case) is None:
            self._want(FetchContact(case.lead, self.each.id, known.id))
            return
        for list_id, contact in unread(case, away=True):
            command = FetchContact(case.lead, list_id, contact)
            if case.deferral.behind(command):
                self.plan.lacking.add(self.each.id)
            if list_id in case.busy:
                self.plan.wait()
            elif command not in case.sight.refused:
                self._want(command)

    def resolve(self) -> None:
        """Read the chosen id where an insert may have landed that the state does not know."""
        own = chosen_id(self.case.lead)
        place, sight = (self.each.id, own), self.case.sight
        unsure = self.unsure or place in sight.doubted
        if unsure and not self.known.contacts and sight.fresh(place, self.case.now) is None:
            self._want(FetchContact(self.case.lead, self.each.id, own))

    def _look_before_it_expires(self) -> None:
        """Read the chosen id: an insert whose answer was lost, or a crash hid, may have landed."""
        place, case = (self.each.id, chosen_id(self.case.lead)), self.case
        if case.sight.since(place, self.owner.progress.arrived, case.now) is None:
            self._want(FetchContact(case.lead, *place))

    def _take_contact(self, known: ContactBelief, target: Held | Quarantined | Removed) -> None:
        case = self.case
        if not isinstance(target, Removed):
            whole = self._completed(target, known)
            if whole is None:
                self._read_contacts(known)
                return
            if self._awaits(target):
                self.plan.lacking.add(self.each.id)
                if isinstance(target, Held):
                    return
            target = whole
        if self._contact_rests(known, target) and not self._doubts(known.id):
            return
        if isinstance(target, Removed):
            hastens = self._bars() and known.callable is not False
            self._want(RemoveContact(case.lead, self.each.id, known.id, hastens))
            return
        sighting = case.sight.fresh((self.each.id, known.id), case.now)
        if sighting is None or sighting.contact is None:
            self._want(FetchContact(case.lead, self.each.id, known.id))
        elif isinstance(target, Held):
            self._hold(known, sighting.contact, target)
        else:
            self._quarantine(known, sighting.contact, target)

    def _completed(self, target: RowTarget, contact: ContactBelief | None) -> RowTarget | None:
        """Return *target* with all cells, None while contacts must be read for them."""
        case = self.case
        source = case.policy.source_of(self.owner.change.origin)
        keeps = isinstance(target, Quarantined) and target.keeps
        rest = rest_of(self.each, contact, target.lacks, source, case, keeps=keeps)
        return None if rest is None else completed(target, rest, self.each, case.policy)

    def _doubts(self, contact: ContactId) -> bool:
        """Say whether *contact* must be written though it seems right; a write ends the doubt."""
        place, good = (self.each.id, contact), self.good
        lost = any(isinstance(each.unanswered.get(place), UpsertContact) for each in good)
        return (self.unsure or lost) and not any(each.wrote(*place) for each in good)

    def _hold(self, known: ContactBelief, seen: Contact, target: Held) -> None:
        """Write the row; what somebody else disabled stays so (invariant 12)."""
        case = self.case
        opens = may_open(known, seen, self.each.release)
        digest, row = target.sealed, full_row(self.each, target.cells, seen)
        if not opens and self._learns(known, seen, target):
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
                hastens=self._hastens(),
            )
        )

    def _learns(self, known: ContactBelief, seen: Contact, target: Held | Quarantined) -> bool:
        """Say whether another loader's contact holds this row already: remembered, not written."""
        foreign = known.digest is None and known.id != chosen_id(self.case.lead)
        if not foreign or self._doubts(known.id):
            return False
        cells = target.cells or {}
        row = full_row(self.each, cells, seen)
        if any(seen.data.get(column) != row[column] for column in cells):
            return False
        by = None if seen.callable else known.by or QuarantinedBy.OTHER
        learned = ContactBelief(known.id, target.digest, seen.callable, by, known.since)
        self.plan.learned.append((self.each.id, learned))
        return True

    def _quarantine(self, known: ContactBelief, seen: Contact, target: Quarantined) -> None:
        """Make the contact uncallable, after the row that says that this is ours is durable.

        That row would claim what others do while a brake holds the quarantine back: so the
        brakes are asked before it is written, and then stop it no more.
        """
        case, place = self.case, (self.each.id, known.id)
        asks = seen.callable and self._only_deletes() and not case.sight.is_let_through(place)
        if seen.callable and not asks and place not in case.sight.ahead_done:
            self.plan.ahead.append(place)
            self.plan.wait()
            return
        named = target.cells if target.cells is not None else {}
        if target.keeps and not seen.callable and self._learns(known, seen, target):
            return
        write = Write(full_row(self.each, named, seen), callable=False, kept=seen.kept)
        self._want(
            QuarantineContact(case.lead, self.each.id, known.id, target.digest, write, asks)
        )

    def _only_deletes(self) -> bool:
        return isinstance(self.owner.change, LeadDelete) and not self._bars()

    def _bars(self) -> bool:
        """Say whether a disqualification of the lead, settled or waiting, is to take effect too:
        then more than a deletion asks for what a deletion does.
        """
        return self.case.belief.disqualified or _disqualifies(self.case.waiting)

    def _hastens(self) -> bool:
        """Say whether a disqualification waits behind these changes."""
        waiting = self.case.waiting
        return _disqualifies(waiting[waiting.index(self.owner) + 1 :])

    def _contact_rests(self, known: ContactBelief, target: Held | Quarantined | Removed) -> bool:
        match target:
            case Held():
                withheld = known.callable is False and known.by in (
                    QuarantinedBy.OTHER,
                    QuarantinedBy.KEPT,
                )
                return (known.callable is True or withheld) and self._same(known, target)
            case Quarantined(cells=cells):
                return known.callable is False and (cells is None or self._same(known, target))
            case Removed():
                return False

    def _same(self, known: ContactBelief, target: Held | Quarantined) -> bool:
        if known.digest is None or target.cells is None:
            return False
        whole = self._completed(target, known)
        if whole is None or whole.cells is None:
            return False
        digests = self.case.policy.digests
        return known.digest == whole.digest or (
            digests.changing and digests.same_row(known.digest, self.each.id, whole.cells)
        )

    def _want(
        self,
        command: FindContacts | FetchContact | UpsertContact | QuarantineContact | RemoveContact,
    ) -> None:
        self.plan.want(command, self.owner, Urgency.WRITE)


def _disqualifies(changes: Sequence[Pending]) -> bool:
    return any(isinstance(each.change, LeadQuarantine) for each in changes)
