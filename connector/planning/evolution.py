"""Say what we believe after the platform answered, and after a change was settled."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from connector.domain.belief import (
    Belief,
    ContactBelief,
    LiftBelief,
    ListBelief,
    OptOutBelief,
    QuarantinedBy,
)
from connector.domain.change import (
    LeadChange,
    LeadDelete,
    LeadOptOut,
    LeadQuarantine,
    LeadUpsert,
    NumbersOptOut,
    OptOutLift,
)
from connector.domain.command import (
    WRITES,
    ContactCommand,
    FetchContact,
    FindContacts,
    QuarantineContact,
    RemoveContact,
    UpsertContact,
)
from connector.domain.contact import Contact
from connector.domain.ids import ContactId, Digest, DncListId, ListId, PhoneNumber
from connector.domain.reason import Reason, Verdict
from connector.domain.result import Accepted, Found, Gone, Result, Seen, Unknown
from connector.planning.deferral import after, deferred_lists
from connector.planning.moved import by_name, lifted_before
from connector.planning.opted_out import in_force
from connector.planning.order import Order, order, raised
from connector.planning.plan import Done
from connector.planning.policy import Policy
from connector.planning.sight import Sight
from connector.planning.standing import standing

_UNKNOWN_LIST = ListBelief()
Change = Callable[[ContactBelief], ContactBelief]


def evolve(
    belief: Belief, command: ContactCommand, result: Result, now_ms: int, sight: Sight
) -> Belief:
    """Return the belief after *result*, applied to the belief at the answer."""
    match result:
        case Found(contacts=contacts):
            return _found(belief, command.list_id, contacts, sight)
        case Seen(contact=contact) if isinstance(command, FetchContact):
            return _seen(belief, command, contact, sight)
        case Gone() if not isinstance(command, FindContacts):
            return _forgotten(belief, command.list_id, command.contact, looked=False)
        case Accepted():
            return _accepted(belief, command, now_ms)
        case Unknown() if isinstance(command, WRITES):
            return _doubted(belief, command)
        case _:
            return belief


def _found(belief: Belief, list_id: ListId, contacts: tuple[Contact, ...], sight: Sight) -> Belief:
    known = {each.id: each for each in belief.lists.get(list_id, _UNKNOWN_LIST).contacts}
    for contact in contacts:
        old = known.get(contact.id, ContactBelief(contact.id))
        known[contact.id] = _shown(old, contact, sight)
    return _with(belief, list_id, tuple(known.values()), looked=True)


def _seen(belief: Belief, command: FetchContact, contact: Contact | None, sight: Sight) -> Belief:
    if contact is None:
        return _forgotten(belief, command.list_id, command.contact, looked=False)
    known = {each.id: each for each in belief.lists.get(command.list_id, _UNKNOWN_LIST).contacts}
    old = known.get(contact.id, ContactBelief(contact.id))
    known[contact.id] = _shown(old, contact, sight)
    return _with(belief, command.list_id, tuple(known.values()))


def _shown(known: ContactBelief, contact: Contact, sight: Sight) -> ContactBelief:
    """Return what a read says: whether it is callable, and who made it so if it is not.

    Ours, written ahead by this lane, is ours only if it can have taken effect; what a predecessor
    wrote ahead before a crash is taken for done, unless a read shows the contact callable.
    """
    place = (contact.list_id, contact.id)
    ahead = known.by is QuarantinedBy.OURS and sight.is_ahead(place)
    if contact.callable:
        kept = ahead and known.callable is not False
        return known if kept else replace(known, callable=True, by=None, since=None)
    if known.by is None or (ahead and place not in sight.doubted):
        return replace(known, callable=False, by=QuarantinedBy.OTHER, since=None)
    return replace(known, callable=False)


def _accepted(belief: Belief, command: ContactCommand, now_ms: int) -> Belief:
    match command:
        case UpsertContact(list_id=list_id, contact=contact, digest=digest, callable=may_call):
            held = partial(_held, digest=digest, may_call=may_call)
            return _changed(belief, list_id, contact, held)
        case QuarantineContact(list_id=list_id, contact=contact, digest=digest):
            closed = partial(_quarantined, digest=digest, now_ms=now_ms)
            return _changed(belief, list_id, contact, closed)
        case RemoveContact(list_id=list_id, contact=contact):
            return _forgotten(belief, list_id, contact)
        case FindContacts() | FetchContact():
            return belief


def _held(old: ContactBelief, *, digest: Digest, may_call: bool) -> ContactBelief:
    if may_call:
        return ContactBelief(old.id, digest, callable=True)
    by = QuarantinedBy.KEPT if old.by is QuarantinedBy.OURS else old.by or QuarantinedBy.OTHER
    return replace(old, digest=digest, callable=False, by=by)


def _quarantined(old: ContactBelief, *, digest: Digest | None, now_ms: int) -> ContactBelief:
    """Return a contact that we made uncallable: ours if it was callable when it was read.

    Without a digest it holds the row as it was read: what a killed predecessor wrote there is not
    what the state knows, so no row may be called the same.
    """
    by, since = old.by, old.since
    if old.callable is True:
        by, since = QuarantinedBy.OURS, now_ms
    return replace(
        old,
        digest=digest,
        callable=False,
        by=by or QuarantinedBy.OTHER,
        since=since,
    )


def _doubted(belief: Belief, command: UpsertContact | QuarantineContact | RemoveContact) -> Belief:
    """Forget the digest of a contact whose write may have landed or not, and whether it is
    callable where that would have changed it.
    """
    may_call = isinstance(command, UpsertContact) and command.callable
    known = belief.lists.get(command.list_id, _UNKNOWN_LIST)
    if not any(each.id == command.contact for each in known.contacts):
        return belief
    return _changed(
        belief,
        command.list_id,
        command.contact,
        lambda old: replace(
            old, digest=None, callable=old.callable if old.callable is may_call else None
        ),
    )


def _changed(belief: Belief, list_id: ListId, contact: ContactId, change: Change) -> Belief:
    known = belief.lists.get(list_id, _UNKNOWN_LIST).contacts
    if not known:
        return _with(belief, list_id, (change(ContactBelief(contact)),))
    by_id = {each.id: each for each in known}
    by_id[contact] = change(by_id.get(contact, ContactBelief(contact)))
    return _with(belief, list_id, tuple(by_id.values()))


def _forgotten(
    belief: Belief, list_id: ListId, contact: ContactId, *, looked: bool | None = None
) -> Belief:
    """Forget one contact; `looked=False` has the lead looked up again, for it went unasked."""
    known = belief.lists.get(list_id, _UNKNOWN_LIST)
    rest = tuple(each for each in known.contacts if each.id != contact)
    if len(rest) == len(known.contacts):
        return belief
    return _with(belief, list_id, rest, looked=looked)


def _with(
    belief: Belief,
    list_id: ListId,
    contacts: tuple[ContactBelief, ...],
    *,
    looked: bool | None = None,
) -> Belief:
    known = belief.lists.get(list_id, _UNKNOWN_LIST)
    looked = known.looked if looked is None else looked
    now = ListBelief(contacts, looked, known.routed, known.deferred)
    return belief.with_lists({**belief.lists, list_id: now})


def learned(belief: Belief, list_id: ListId, contact: ContactBelief) -> Belief:
    """Return the belief with what a plan concluded about one contact from what was seen."""
    return _changed(belief, list_id, contact.id, lambda _: contact)


def ours_ahead(belief: Belief, list_id: ListId, contact: ContactId, now_ms: int) -> Belief:
    """Return the belief to write ahead of a quarantine of ours: no mark, no effect claimed."""
    return _changed(
        belief,
        list_id,
        contact,
        lambda old: replace(old, callable=None, by=QuarantinedBy.OURS, since=now_ms),
    )


def never_left(belief: Belief, list_id: ListId, contact: ContactId) -> Belief:
    """Return the belief where a quarantine of ours was written ahead and did not leave: who makes
    the contact uncallable from now on is not us.
    """
    return _changed(belief, list_id, contact, lambda old: replace(old, by=None, since=None))


def settled(
    belief: Belief,
    done: Done,
    blocked: frozenset[tuple[DncListId, PhoneNumber]],
    policy: Policy,
) -> Belief:
    """Return the belief once *done* is settled. `blocked` are numbers blocked in this lane.

    A rejected record raises no lead mark, else its redrive would be a duplicate for ever; a
    rejected opt-out sets its row and mark all the same.
    """
    belief = _settled(belief, done, blocked, policy)
    return after(belief, done.deferred, done.caught_up)


def _settled(
    belief: Belief,
    done: Done,
    blocked: frozenset[tuple[DncListId, PhoneNumber]],
    policy: Policy,
) -> Belief:
    change = done.pending.change
    belief = _with_blocked(belief, blocked, policy)
    if done.pending.only is not None:
        return belief  # its marks were raised when it was deferred
    match change:
        case LeadOptOut() | NumbersOptOut() if done.verdict is Verdict.DUPLICATE and lifted_before(
            change, belief.lift
        ):
            return belief  # its mark would be in force: a lift that moved knows no offsets here
        case LeadOptOut() | NumbersOptOut():
            return _opted_out(belief, change, blocked, policy)
        case OptOutLift() if done.verdict is Verdict.DUPLICATE:
            return belief  # it covers what stood before it the first time, and nothing since
        case OptOutLift():
            covers = belief.opt_out.marks if belief.opt_out is not None else ()
            covers = raised(covers, change.origin, change.revision, newer=False)
            lifted = replace(belief, lift=LiftBelief(change.at, (*covers, *by_name(belief.lift))))
            # A lift sends nothing: not what was deferred before the opt-out either.
            return after(lifted, frozenset(), deferred_lists(lifted))
        case LeadUpsert() | LeadQuarantine() | LeadDelete():
            if done.verdict is Verdict.REJECTED:
                return _rejected(belief, done)
            return _marked(belief, change, done, policy)


def _rejected(belief: Belief, done: Done) -> Belief:
    """Forget the digests of lists that took a row whose record was rejected by another list."""
    taken = {effect.place for effect in done.pending.effects}
    lists: Mapping[ListId, ListBelief] = {
        list_id: replace(
            known, contacts=tuple(replace(each, digest=None) for each in known.contacts)
        )
        if list_id in taken
        else known
        for list_id, known in belief.lists.items()
    }
    return belief.with_lists(lists) if taken else belief


def _marked(belief: Belief, change: LeadChange, done: Done, policy: Policy) -> Belief:
    newer = order(change.origin, change.revision, belief.marks) is Order.NEWER
    marks = raised(belief.marks, change.origin, change.revision, newer=newer)
    if not newer or done.reason is Reason.SUPERSEDED:
        return replace(belief, marks=marks)
    reconsent = belief.reconsent
    if done.reason is Reason.RECONSENT_NEEDS_REVIEW:
        reconsent = change.origin.outcome_id
    match change:
        case LeadDelete(moved_to=moved):
            return replace(
                belief,
                marks=marks,
                reconsent=reconsent,
                deleted=True,
                moved_to=moved or belief.moved_to,
            )
        case LeadUpsert() | LeadQuarantine():
            stands = done.stands or standing(change, belief, policy)
            return Belief(
                marks=marks,
                lists=_routed(belief.lists, stands.here),
                deleted=stands.deleted,
                disqualified=stands.disqualified,
                moved_to=belief.moved_to if stands.deleted else None,
                reconsent=reconsent,
                opt_out=belief.opt_out,
                lift=belief.lift,
            )
        case _:
            return replace(belief, marks=marks, reconsent=reconsent)


def _routed(
    lists: Mapping[ListId, ListBelief], here: frozenset[ListId]
) -> Mapping[ListId, ListBelief]:
    """Return *lists* with those *here* marked as where the lead belongs, unknown ones too."""
    marked = {
        list_id: known
        if known.routed is (list_id in here)
        else ListBelief(known.contacts, known.looked, list_id in here, known.deferred)
        for list_id, known in lists.items()
    }
    for list_id in here - lists.keys():
        marked[list_id] = ListBelief(routed=True)
    return marked


def _opted_out(
    belief: Belief,
    change: LeadOptOut | NumbersOptOut,
    blocked: frozenset[tuple[DncListId, PhoneNumber]],
    policy: Policy,
) -> Belief:
    origin = change.origin
    old = OptOutBelief(origin.timestamp, origin.outcome_id)
    if belief.opt_out is not None and in_force(belief) is not None:
        old = belief.opt_out
    elif belief.opt_out is not None:  # lifted: it begins anew, and blocks every number again
        old = replace(old, marks=belief.opt_out.marks)
    opt_out = replace(old, marks=raised(old.marks, origin, change.revision, newer=True))
    return _with_blocked(replace(belief, opt_out=opt_out), blocked, policy)


def _with_blocked(
    belief: Belief, blocked: frozenset[tuple[DncListId, PhoneNumber]], policy: Policy
) -> Belief:
    if not blocked or belief.opt_out is None:
        return belief
    made = {(dnc, policy.digests.number(dnc, number)) for dnc, number in blocked}
    if made <= belief.opt_out.blocked:
        return belief
    return replace(belief, opt_out=replace(belief.opt_out, blocked=belief.opt_out.blocked | made))
