"""Read the rows of a source of numbers without a lead: a company's own do-not-call table."""

from dataclasses import dataclass, field

from connector.cdc.cells import Struct
from connector.cdc.phones import PhoneReader, dialled
from connector.cdc.source import SourceSpec
from connector.domain.ids import PhoneNumber
from connector.planning.conditions import all_match


@dataclass(frozen=True, slots=True)
class NumberRow:
    """What one row says. Personal data: no repr.

    `counts` says whether the settings' `when` is met. `numbers` are the usable ones, each once, in
    the order in which the settings name their fields; `bad` names the fields with an unusable one.
    """

    counts: bool
    numbers: tuple[PhoneNumber, ...] = field(repr=False)
    bad: tuple[str, ...] = ()


class NumberRows:
    """Reader of rows, by one source's settings."""

    __slots__ = ("_fields", "_names", "_read", "_when")

    def __init__(self, spec: SourceSpec) -> None:
        self._fields = spec.numbers
        self._when = spec.when
        self._names = tuple(sorted({*spec.numbers, *spec.when}))
        self._read = PhoneReader(spec.default_region).read

    def read(self, source: Struct) -> NumberRow:
        """Read a row as it is now.

        Raises:
            InexactError: a named field was read as a double.
        """
        texts = source.named(self._names)
        numbers: dict[PhoneNumber, None] = {}
        bad: list[str] = []
        for name in self._fields:
            text = texts.get(name, "")
            number = self._read(dialled(text, source.values.get(name)))
            if number is not None:
                numbers[number] = None
            elif text.strip():
                bad.append(name)
        return NumberRow(all_match(self._when, texts), tuple(numbers), tuple(bad))
