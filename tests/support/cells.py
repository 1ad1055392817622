"""Scripts of single leads, one step a phase: each shows cells of the decision table exactly.

Within a phase a lead of a script has at most one record, and the next phase begins only when
every outcome of this one is there. So nothing coalesces, and each verdict is known exactly.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.support.person import Entry, Person

ANCIENT = 10_000_000_000
"""ms: a revision that lies before everything else of that lead."""


@dataclass(frozen=True, slots=True)
class Load:
    """Another loader puts a contact of this lead on a list: *alike*, with the very data of the
    lead's next record; with an *own_number*, one that nobody else knows.
    """

    list_name: str
    callable: bool = True
    alike: bool = False
    own_number: bool = False


@dataclass(frozen=True, slots=True)
class Touch:
    """An agent or the dialler changes a contact: switches it off, or calls it."""

    list_name: str
    off: bool = False
    called: bool = False


@dataclass(frozen=True, slots=True)
class Refuse:
    """The platform refuses the next lone write of this lead's contact."""

    list_name: str


Act = Load | Touch | Refuse


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to one lead in one phase: acts of others first, then at most one record."""

    record: Callable[[Person, str], Entry] | None = None
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """One lead's life, a step a phase."""

    name: str
    steps: Sequence[Step]
    state: str = "CA"
    source: str = "phone"
    copies: int = 3
    lead: str | None = field(default=None)


def edit(**fields: object) -> Step:
    """Write an edit."""
    return Step(lambda person, cell: person.edit(cell, **fields))


def stray(**fields: object) -> Step:
    """Write a row that is taken back."""
    return Step(lambda person, cell: person.stray(cell, **fields))


def older(back: int, **fields: object) -> Step:
    """Write a row of the past."""
    return Step(lambda person, cell: person.older(cell, back, **fields))


def renumbered(**fields: object) -> Step:
    """Write an edit that brings a new number."""
    return Step(
        lambda person, cell: person.edit(cell, **({"phone_home": person.fresh_number()} | fields))
    )


def older_number(back: int) -> Step:
    """Write a row of the past with a number that nobody else has."""
    return Step(lambda person, cell: person.older(cell, back, phone_mobile=person.fresh_number()))


def acts(*done: Act, then: Step | None = None) -> Step:
    """Let others act first."""
    return Step((then or Step()).record, done)


NEW = edit()
TOUCH = Step(lambda person, cell: person.touch(cell))
AGAIN = Step(lambda person, cell: person.again(cell))
GONE = Step(lambda person, cell: person.gone(cell))
OUT = edit(do_not_call=True)
OUT_BY_STATUS = edit(status="DNC_Requested")
BACK = edit(do_not_call=False, status="New")
OUT_MORE = renumbered(do_not_call=True)
BAD = edit(status="Disqualified")
GOOD = edit(status="New")
LOAD = Load("west", own_number=True)
NO_NUMBER = edit(phone_mobile=None, phone_home="")
A_NUMBER = renumbered(phone_mobile=None)
HALF_BAD = renumbered(phone_mobile="n/a")
ALL_BAD = stray(phone_mobile="12", phone_home="unknown")
LONG = stray(first_name="x" * 513)
ALONE = (Step(), Step(), Step(), Step())
"""Phases to let pass until nobody else has anything to do: a quarantine leaves alone then."""

SCRIPTS: tuple[Script, ...] = (
    Script("life", (NEW, edit(first_name="Noralinde"), TOUCH, edit(last_name="Yvonneson"), GONE)),
    Script("return", (NEW, GONE, GONE, NEW, GONE)),
    Script("removed", (NEW, GONE, GONE, NEW, edit(first_name="Noralinde")), state="NY"),
    Script("disqualified", (NEW, BAD, TOUCH, GOOD, BAD)),
    Script("disqualified_anew", (BAD, TOUCH, NEW, BAD, GONE)),
    Script("opt_out_by_flag", (NEW, OUT, BACK, renumbered(do_not_call=False), GONE)),
    Script("opt_out_by_text", (NEW, edit(do_not_call="yes"), BACK, GONE, BACK), state="NJ"),
    Script("opt_out_by_status", (NEW, OUT_BY_STATUS, renumbered(status="Disqualified"), BACK)),
    Script("opt_out_twice", (NEW, OUT, TOUCH, OUT_MORE, OUT_BY_STATUS)),
    Script("opt_out_unknown", (OUT, OUT_MORE, BACK, GONE, renumbered(do_not_call=False))),
    Script("opt_out_and_gone", (NEW, OUT, GONE, GONE, renumbered(do_not_call=False))),
    Script("opt_out_after_end", (NEW, GONE, OUT, BACK, GONE)),
    Script("opt_out_nowhere", (NEW, OUT, renumbered(do_not_call=False)), state="TX"),
    Script("opt_out_and_lost", (NEW, OUT, edit(do_not_call=False, phone_mobile="")), state="NV"),
    Script("opt_out_on_all", (NEW, OUT, BACK, OUT_MORE, GONE), source="web"),
    Script("opt_out_no_number", (edit(phone_mobile=None, phone_home=None, do_not_call=1), BACK)),
    Script("opt_out_half_bad", (NEW, renumbered(phone_mobile="n/a", do_not_call=True), BACK)),
    Script("opt_out_all_bad", (NEW, stray(phone_mobile="12", phone_home=None, do_not_call=True))),
    Script("opt_out_too_long", (NEW, stray(first_name="x" * 513, do_not_call="t"), renumbered())),
    Script("opt_out_elsewhere", (NEW, OUT, renumbered(do_not_call=False, state="TX"), GONE)),
    Script("opt_out_quarantined", (NEW, BAD, OUT, GOOD, BACK)),
    Script("gone_unknown", (GONE, GONE, NEW, GONE, NEW)),
    Script("no_number", (NO_NUMBER, A_NUMBER, NO_NUMBER, TOUCH, A_NUMBER)),
    Script("half_bad", (HALF_BAD, TOUCH, GOOD, HALF_BAD, GONE)),
    Script("all_bad", (ALL_BAD, NEW, ALL_BAD, GOOD)),
    Script("too_long", (LONG, NEW, LONG, GOOD)),
    Script("nowhere", (NEW, edit(state="CA"), edit(state="TX"), TOUCH, edit(state="NV")), "TX"),
    Script("moved", (NEW, edit(state="NY"), edit(state="CA"), edit(state="NJ"), TOUCH)),
    Script("archived", (NEW, edit(status="Archived"), TOUCH, GOOD, GONE)),
    Script("on_two", (NEW, edit(source="phone"), edit(source="web"), BAD, GOOD), source="web"),
    Script("on_two_moved", (NEW, edit(state="NY"), edit(source="store"), GONE), source="web"),
    Script("called", (NEW, acts(Touch("west", called=True), then=BAD), GOOD, TOUCH, NEW)),
    Script("switched_off", (NEW, acts(Touch("west", off=True), then=NEW), BAD, GOOD, GONE)),
    Script("loaded_alike", (acts(Load("west", alike=True), then=NEW), NEW, BAD, GOOD)),
    Script("loaded", (acts(Load("west"), then=NEW), TOUCH, BAD, GOOD, OUT)),
    Script("loaded_off", (acts(Load("west", callable=False), then=NEW), NEW, BAD, GOOD)),
    Script("loaded_twice", (acts(Load("west"), Load("west"), then=NEW), NEW, BAD, GOOD, OUT)),
    Script("loaded_half_off", (acts(Load("west"), Load("west", callable=False), then=NEW), OUT)),
    Script("loaded_and_gone", (acts(Load("west"), then=GONE), NEW, GONE)),
    Script("loaded_removed", (acts(Load("east"), Load("east"), then=GONE), NEW), state="NJ"),
    Script("loaded_disqualified", (acts(Load("west"), then=BAD), GOOD, BAD)),
    Script("loaded_opt_out", (acts(LOAD, Load("web"), then=OUT), BACK, OUT_MORE)),
    Script("loaded_no_number", (acts(Load("west"), then=NO_NUMBER), A_NUMBER)),
    Script("loaded_late", (NEW, OUT, acts(Load("web"), then=BACK), OUT_MORE)),
    Script("long_id", (NEW, GOOD, BAD, OUT, BACK), lead="L" * 140),
    Script("odd_id", (NEW, GOOD, BAD, GOOD, GONE), lead="Zoë / 9 (Ä) #?&=%"),
    Script("odd_id_out", (NEW, GOOD, OUT, BACK, GONE), lead="lead.with:odd|characters"),
    Script("refused", (NEW, *ALONE, acts(Refuse("west"), then=BAD)), copies=1),
    Script("repeated", (NEW, AGAIN, NEW, AGAIN, older(1))),
    Script("from_the_past", (NEW, older(ANCIENT), NEW, older(5, first_name="Oldwina"), GONE)),
    Script("late_opt_out", (NEW, older(5, do_not_call=True), BACK, older_number(ANCIENT))),
    Script("late_status", (NEW, older(9, status="DNC_Requested"), OUT_MORE)),
    Script("opt_out_repeated", (NEW, OUT, AGAIN, older(0, do_not_call=False), BACK)),
)
