"""Make a lead's row of a source row: the named fields as text, numbers checked, rules applied."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from connector.cdc.cells import Struct
from connector.cdc.lead_ids import lead_in
from connector.cdc.phones import PhoneReader, dialled
from connector.cdc.source import Role, SourceSpec
from connector.domain.change import Row
from connector.domain.ids import LeadId, PhoneNumber
from connector.domain.reason import Reason
from connector.planning.conditions import any_matches

CELL_LENGTH_MAX = 512
"""Characters that the platform takes in a cell (genesys-api.md section 3.4)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row cannot be written. `text` names fields, never what they hold."""

    reason: Reason
    text: str


@dataclass(frozen=True, slots=True)
class LeadRow:
    """What a source row says of a lead. Personal data: no repr.

    `numbers` are its usable ones. `fault` is the first that was found, a missing lead id aside;
    a field that is at fault is not in `row`.
    """

    lead: LeadId | None
    row: Row = field(repr=False)
    numbers: frozenset[PhoneNumber] = field(repr=False)
    opts_out: bool
    quarantined: bool
    fault: Fault | None


class LeadRows:
    """Reader of rows, by one source's settings."""

    __slots__ = ("_fields", "_lead_id", "_opt_out", "_phones", "_quarantine", "_read", "_sized")

    def __init__(self, spec: SourceSpec) -> None:
        self._lead_id = spec.lead_id
        self._fields = spec.read_fields
        self._phones = tuple(sorted(spec.phone_fields))
        # A source of opt-outs fills no cells: nothing of it is too long for one.
        filling = spec.mapped_fields if spec.role is Role.LEADS else frozenset[str]()
        self._sized = tuple(sorted(filling - spec.phone_fields))
        self._opt_out = spec.opt_out
        self._quarantine = spec.quarantine
        self._read = PhoneReader(spec.default_region).read

    def lead(self, row: Struct) -> LeadId | None:
        """Return the lead that the row names."""
        return lead_in(row, self._lead_id)

    def read(
        self, source: Struct, leads: tuple[LeadId, ...] | None = None, *, whole: bool = True
    ) -> LeadRow:
        """Read a row as it is now: the first of *leads* is its lead, where it names none itself.

        Raises:
            InexactError: a named field was read as a double.
        """
        fields = source.named(self._fields)
        opts_out = any_matches(self._opt_out, fields)
        numbers, bad = self._numbers(source, fields)
        for name in bad:
            fields[name] = ""
        lead = self.lead(source) if leads is None else next(iter(leads), None)
        fault = self._too_long(fields, lead) or self._unusable(numbers, bad)
        if fault is not None and fault.reason is Reason.VALUE_TOO_LONG:
            fields = {name: text for name, text in fields.items() if len(text) <= CELL_LENGTH_MAX}
        return LeadRow(
            lead,
            Row(fields, whole=whole, dropped=bool(bad) and bool(numbers)),
            frozenset(numbers),
            opts_out,
            any_matches(self._quarantine, fields),
            fault,
        )

    def numbers(self, source: Struct) -> frozenset[PhoneNumber]:
        """Return the usable numbers of a row that is past; what else it says does not count."""
        numbers, _ = self._numbers(source, source.named(self._phones))
        return frozenset(numbers)

    def _numbers(
        self, source: Struct, fields: dict[str, str]
    ) -> tuple[list[PhoneNumber], list[str]]:
        """Bring the numbers in *fields* to E.164 there; return them and the fields without one."""
        numbers: list[PhoneNumber] = []
        bad: list[str] = []
        for name in self._phones:
            text = fields.get(name)
            if text is None:
                continue
            number = self._read(dialled(text, source.values.get(name)))
            if number is not None:
                fields[name] = number
                numbers.append(number)
            elif text.strip():
                bad.append(name)
            else:
                fields[name] = ""
        return numbers, bad

    def _too_long(self, fields: dict[str, str], lead: LeadId | None) -> Fault | None:
        names = [name for name in self._sized if len(fields.get(name, "")) > CELL_LENGTH_MAX]
        if lead is not None and len(lead) > CELL_LENGTH_MAX:
            names.append(self._lead_id)
        if not names:
            return None
        return Fault(
            Reason.VALUE_TOO_LONG,
            f"{_listed(names)}: more than {CELL_LENGTH_MAX} characters, too long for a contact's "
            "cell; shorten the value in the source",
        )

    def _unusable(self, numbers: Collection[PhoneNumber], bad: list[str]) -> Fault | None:
        return None if numbers or not bad else unusable(bad)


def unusable(fields: Iterable[str]) -> Fault:
    """Return what is wrong with a row whose *fields* hold what is no phone number."""
    return Fault(
        Reason.PHONE_INVALID,
        f"{_listed(fields)}: no possible phone number; correct it in the source, or see whether "
        "mapping.default_region is right",
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(set(names)))
