"""One lead's truth: what the platform must hold, and how each record may have ended.

The records are taken one by one in Kafka's order, as if each had been settled before the next
came. Where several of a phase may have waited together, `companions.loosened` adds the endings
that coalescing and an opt-out's overtaking allow (design.md section 4).
"""

from tests.support.contact_truth import ContactTruth
from tests.support.flat_reading import Kind, Reading, e164
from tests.support.scene import ListScene, Scene

Ending = tuple[str, str | None]
"""Verdict and reason."""
NOTHING_THERE = ("no_contact", "no_phone", "no_list", "same_row")
SAME_ROW: Ending = ("unchanged", "same_row")
KEPT: Ending = ("applied", "kept_quarantined")


class LeadTruth:
    """One lead, record after record.

    `may_remain` are lists that may still hold contacts of it, switched off: where an opt-out
    overtook their removal, or where the lead left and came back in one phase.
    """

    def __init__(self, scene: Scene) -> None:
        self.contacts: dict[str, list[ContactTruth]] = {each.id: [] for each in scene.lists}
        self.blocked: set[str] = set()
        self.perhaps: set[str] = set()
        self.may_remain: set[str] = set()
        self.opted_out = False
        self.out_revision: int | None = None
        self._scene = scene
        self._removed: dict[str, int] = {}
        self._rows_removed: dict[str, list[tuple[int, dict[str, str]]]] = {}
        self._mark: int | None = None
        self._deleted = False
        self._ever_deleted = False

    def take(self, phase: int, reading: Reading) -> frozenset[Ending]:
        """Take the next record; give the ways it may end when it waits alone."""
        self.perhaps |= reading.numbers
        match reading.kind:
            case Kind.BROKEN:
                return frozenset({("rejected", reading.fault)})
            case Kind.OPT_OUT:
                return self._opt_out(phase, reading)
            case Kind.TOMBSTONE:
                return self._gone(phase)
            case Kind.QUARANTINE | Kind.UPSERT:
                return self._row(phase, reading)

    def loaded(self, list_id: str, contact: ContactTruth) -> None:
        """Another loader has put a contact there."""
        contact.versions.append((-1, contact.data))
        self.contacts[list_id].append(contact)
        self.perhaps |= _numbers_in(contact.data)

    @property
    def known(self) -> bool:
        """Whether the lead has a contact anywhere."""
        return any(self.contacts.values())

    def _opt_out(self, phase: int, reading: Reading) -> frozenset[Ending]:
        late = (
            self._mark is not None
            and reading.revision is not None
            and reading.revision <= self._mark
        )
        found = self._found()
        new = (reading.numbers | found) - self.blocked
        quarantined = self._quarantine_all(phase)
        first = not self.opted_out
        self.opted_out = True
        self.may_remain |= {each for each, when in self._removed.items() if when == phase}
        self.out_revision = max(self.out_revision or 0, reading.revision or 0)
        self.blocked |= reading.numbers | found
        if reading.fault:
            return frozenset({("rejected", reading.fault)})
        if not (first or new or quarantined):
            return frozenset({("unchanged", "opted_out")})
        if late:
            return frozenset({("applied", "late_opt_out")})
        if not reading.numbers:
            reasons = {"no_number"} | ({None} if found else set())
            return frozenset(("applied", reason) for reason in reasons)
        if reading.dropped:
            return frozenset({("applied", "phone_dropped"), ("applied", None)})
        return frozenset({("applied", None)})

    def _doubts(self) -> frozenset[Ending]:
        """Give both endings where a contact may hold this row or that: which, only time tells."""
        held = (each.may_hold() for contacts in self.contacts.values() for each in contacts)
        if self.may_remain or any(len(rows) > 1 for rows in held):
            return frozenset({("applied", None), ("applied", "phone_dropped"), SAME_ROW})
        return frozenset()

    def _gone(self, phase: int) -> frozenset[Ending]:
        again, self._deleted = self._deleted, True
        doubtful, self._ever_deleted = self._ever_deleted, True
        if self.opted_out:
            endings = {("unchanged", "opted_out")}
            return frozenset(
                endings | ({("unchanged", "not_a_lead_change")} if doubtful else set())
            )
        if again:
            return frozenset({("unchanged", "not_a_lead_change")})
        known, lacking = self.known, self._may_lack() | self._doubts()
        changed = [self._leave(phase, each, each.delete) for each in self._scene.lists]
        if any(changed):
            return frozenset({("applied", None)}) | lacking
        return frozenset({("unchanged", "same_row" if known else "no_contact")}) | lacking

    def _may_lack(self) -> frozenset[Ending]:
        """Give the endings that stand for contacts which coalescing may have spared altogether."""
        if any(each.may_lack for contacts in self.contacts.values() for each in contacts):
            return frozenset(("unchanged", reason) for reason in NOTHING_THERE)
        return frozenset()

    def _row(self, phase: int, reading: Reading) -> frozenset[Ending]:
        old = self._old(reading)
        if old:
            return old
        if reading.revision is not None:
            self._mark = reading.revision
        self._deleted = False
        if self.opted_out:
            return self._protected(phase, reading)
        return self._applied(phase, reading)

    def _old(self, reading: Reading) -> frozenset[Ending] | None:
        if reading.revision is None or self._mark is None or reading.revision > self._mark:
            return None
        if self.out_revision is not None and reading.revision == self.out_revision:
            return frozenset({("duplicate", None), ("stale", "older")})
        equal = reading.revision == self._mark
        return frozenset({("duplicate", None) if equal else ("stale", "older")})

    def _protected(self, phase: int, reading: Reading) -> frozenset[Ending]:
        out = self.out_revision
        if reading.revision is not None and out is not None and reading.revision <= out:
            equal = {("duplicate", None)} if reading.revision == out else set()
            return frozenset({("suppressed", "opted_out"), ("stale", "older")} | equal)
        self.blocked |= reading.numbers
        self._quarantine_all(phase)
        if reading.kind is Kind.QUARANTINE:
            return frozenset({("suppressed", "opted_out")})
        review = ("suppressed", "reconsent_needs_review")
        if not reading.numbers or not reading.routes:
            return frozenset({review, ("suppressed", "opted_out")})
        return frozenset({review})

    def _applied(self, phase: int, reading: Reading) -> frozenset[Ending]:
        wanted = reading.kind is Kind.UPSERT and bool(reading.numbers)
        known, rows = self.known, reading.cells or {}
        lacking = self._doubts() | (
            self._may_lack() if not (wanted and reading.routes) else frozenset[Ending]()
        )
        changed, withheld = False, set[str]()
        for each in self._scene.lists:
            if each.id not in reading.routes:
                changed |= self._leave(phase, each, each.leave)
            elif self.contacts[each.id]:
                for contact in self.contacts[each.id]:
                    if contact.refused:
                        return frozenset({("rejected", "refused_by_platform")})
                    moved, kept = self._written(phase, contact, rows[each.id], wanted=wanted)
                    changed |= moved
                    withheld |= kept
            elif wanted:
                self._insert(phase, reading, each)
                changed = True
            elif self._removed.get(each.id) == phase:
                self.may_remain.add(each.id)
        if changed:
            if "ours" in withheld:
                return frozenset({KEPT})
            plain = "phone_dropped" if reading.dropped else None
            return lacking | {("applied", plain), *([KEPT] if withheld else [])}
        unsure = {KEPT} if "other" in withheld else set[Ending]()
        return self._nothing(reading, known=known) | lacking | unsure

    def _written(
        self, phase: int, contact: ContactTruth, cells: dict[str, str], *, wanted: bool
    ) -> tuple[bool, set[str]]:
        """Write a row to a contact; tell whether it changed, and for whose sake it stays off."""
        moved = contact.write(phase, cells)
        if not wanted:
            return moved | contact.switch_off(phase), set()
        if contact.callable:
            return moved, set()
        if contact.by == "ours" and not contact.called:
            contact.open(phase)
            return True, set()
        why = contact.by or "other"
        if why == "ours":
            contact.by = "kept"
            return True, {why}
        return moved, {why}

    def _insert(self, phase: int, reading: Reading, each: ListScene) -> None:
        assert reading.cells is not None
        data = dict.fromkeys(each.columns, "") | reading.cells[each.id]
        before = self._rows_removed[each.id] if self._removed.get(each.id) == phase else []
        contact = ContactTruth(data, born=phase, versions=[*before, (phase, data)])
        self.contacts[each.id].append(contact)

    def _leave(self, phase: int, each: ListScene, how: str) -> bool:
        contacts = self.contacts[each.id]
        if how == "remove":
            self.contacts[each.id] = []
            if contacts:
                self._removed[each.id] = phase
                self._rows_removed[each.id] = [row for one in contacts for row in one.versions]
            return bool(contacts)
        return self._quarantined(phase, contacts)

    def _quarantine_all(self, phase: int) -> bool:
        return bool(sum(self._quarantined(phase, each) for each in self.contacts.values()))

    def _quarantined(self, phase: int, contacts: list[ContactTruth]) -> bool:
        switched = [each.switch_off(phase) for each in contacts]
        for each in contacts:
            if each.fell is None:
                each.fell = phase
        return any(switched)

    def _nothing(self, reading: Reading, *, known: bool) -> frozenset[Ending]:
        endings: set[Ending] = set()
        if not reading.numbers:
            endings |= {("unchanged", "no_phone")}
        if not reading.routes:
            endings |= {("unchanged", "no_list")}
        if reading.kind is Kind.QUARANTINE:
            endings |= {("unchanged", "same_row" if known else "no_contact")}
            if known and not all(self.contacts[each] for each in reading.routes):
                endings |= {("unchanged", "no_contact")}
        return frozenset(endings or {("unchanged", "same_row")})

    def _found(self) -> set[str]:
        """Give the numbers that an opt-out must find on contacts: on all that they may hold."""
        found = set[str]()
        for contacts in self.contacts.values():
            for each in contacts:
                if not each.may_lack:
                    found |= set.intersection(*map(_numbers_in, each.may_hold()))
        return found


def _numbers_in(data: dict[str, str]) -> set[str]:
    given = (data.get(column, "") for column in ("Mobile", "Home"))
    return {number for text in given if text and (number := e164(text))}
