"""Write and read the file by which opt-outs move: JSON lines, the first of which says what it is.

It holds ids, times and keyed digests, no number and no name. `secret` in the first line tells
whether the digests are of the same `state.secret`; `leads` how many lines follow, so that a file
that was cut short is not taken for a whole one. Same state, same bytes.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson

from connector.domain.belief import Belief, LiftBelief, Mark, OptOutBelief
from connector.domain.ids import Digest, DncListId, LeadId, OutcomeId
from connector.domain.revision import Revision

VERSION = 1
_KIND = "connector opt-outs"
_SHOWN = 20
_DIGEST = re.compile(r"[0-9A-Za-z_-]{20}")

T = TypeVar("T")
Moved = Mapping[LeadId, Belief]
"""Opt-outs and lifts by lead, or by the key of a number without one."""


class UnusableFileError(Exception):
    """No such file, or one that is damaged: nothing of it is used. No text has content."""

    def __init__(self, problems: Sequence[str]) -> None:
        more = len(problems) - _SHOWN
        self.problems = (*problems[:_SHOWN], *([f"and {more} more"] if more > 0 else ()))
        super().__init__("; ".join(self.problems))


@dataclass(frozen=True, slots=True)
class OptOutFile:
    """What a file says: of which application, under which secret, and the leads."""

    application: str
    secret: str
    leads: Moved


def written(file: OptOutFile) -> Iterator[bytes]:
    """Give the lines of *file*, each with its end."""
    yield _line(
        {
            "kind": _KIND,
            "version": VERSION,
            "application": file.application,
            "secret": file.secret,
            "leads": len(file.leads),
        }
    )
    for lead in sorted(file.leads):
        known = file.leads[lead]
        yield _line({"lead": lead, "opt_out": _opt_out(known), "lift": _lift(known)})


def read(data: bytes, name: str) -> OptOutFile:
    """Return what *data* holds; *name* is the file's.

    Raises:
        UnusableFileError: another form, a version that is not ours, or damaged lines.
    """
    first, *rest = data.split(b"\n")
    head = _loaded(first)
    match head:
        case {"kind": str(kind), "version": int(version)} if kind == _KIND and version != VERSION:
            text = f"{name}: is in form {version}; this version reads {VERSION}: use the version "
            raise UnusableFileError([f"{text}of the connector that wrote it, or a later one"])
        case {
            "kind": str(kind),
            "application": str(application),
            "secret": str(secret),
            "leads": int(count),
        } if kind == _KIND:
            return OptOutFile(application, secret, _leads(rest, name, count))
        case _:
            raise UnusableFileError([f"{name}: is no file of `connector opt-outs export`"])


def _leads(lines: Sequence[bytes], name: str, count: int) -> Moved:
    leads: dict[LeadId, Belief] = {}
    problems: list[str] = []
    for at, line in enumerate(lines, 2):
        if not line.strip():
            continue
        found = _read_or_none(line)
        if found is None:
            problems.append(f"{name}: line {at} is damaged")
        elif found[0] in leads:
            problems.append(f"{name}: line {at} has a lead of an earlier line")
        else:
            leads[found[0]] = found[1]
    if not problems and len(leads) != count:
        problems.append(
            f"{name}: has {len(leads)} leads, its first line says {count}: export anew"
        )
    if problems:
        raise UnusableFileError(problems)
    return leads


def _read_or_none(line: bytes) -> tuple[LeadId, Belief] | None:
    try:
        read_line = _loaded(line)
        lead = _text(read_line["lead"])
        opt_out, lift = read_line["opt_out"], read_line["lift"]
        known = Belief(
            opt_out=None if opt_out is None else _read_opt_out(opt_out),
            lift=None if lift is None else _read_lift(lift),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return (LeadId(lead), known) if lead else None


def _opt_out(known: Belief) -> dict[str, object] | None:
    opt_out = known.opt_out
    if opt_out is None:
        return None
    blocked: dict[str, list[str]] = {}
    for dnc_list, digest in sorted(opt_out.blocked):
        blocked.setdefault(dnc_list, []).append(digest)
    return {
        "since": opt_out.since,
        "by": opt_out.by,
        "marks": [_mark(each) for each in opt_out.marks],
        "blocked": blocked,
    }


def _lift(known: Belief) -> dict[str, object] | None:
    lift = known.lift
    return None if lift is None else {"at": lift.at, "covers": [_mark(m) for m in lift.covers]}


def _mark(mark: Mark) -> dict[str, object]:
    return {
        "topic": mark.topic_id,
        "partition": mark.partition,
        "offset": mark.offset,
        "source": mark.source,
        "commit_time": mark.revision.commit_time,
        "revision": mark.revision.named,
    }


def _read_opt_out(packed: Mapping[str, Any]) -> OptOutBelief:
    blocked = {
        (DncListId(_text(dnc_list)), Digest(_digest(each)))
        for dnc_list, digests in packed["blocked"].items()
        for each in digests
    }
    by = OutcomeId(_text(packed["by"]))
    return OptOutBelief(_number(packed["since"]), by, _marks(packed["marks"]), frozenset(blocked))


def _read_lift(packed: Mapping[str, Any]) -> LiftBelief:
    return LiftBelief(_number(packed["at"]), _marks(packed["covers"]))


def _marks(packed: Sequence[Mapping[str, Any]]) -> tuple[Mark, ...]:
    return tuple(
        Mark(
            _text(each["topic"]),
            _number(each["partition"]),
            _number(each["offset"]),
            Revision(None, _maybe(each["commit_time"], _number), _maybe(each["revision"], _text)),
            _text(each["source"]),
        )
        for each in packed
    )


def _maybe(value: object, read_value: Callable[[object], T]) -> T | None:
    return None if value is None else read_value(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _digest(value: object) -> str:
    if _DIGEST.fullmatch(_text(value)) is None:
        raise ValueError
    return _text(value)


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    return value


def _line(fields: Mapping[str, object]) -> bytes:
    return orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE)


def _loaded(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
