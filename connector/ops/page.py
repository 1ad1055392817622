"""Write a page of figures that can be printed and filed: one file, nothing from outside in it."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import TypeAlias

Cell: TypeAlias = str | int | float | None
Part: TypeAlias = str
"""Markup. Only the functions of this module make it, from text that they escape."""

_STYLE = """
:root { color-scheme: light dark; --ink: #1a1d21; --paper: #fff; --line: #c9ced6; --mark: #1f6feb;
  --bad: #b42318; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --paper: #14171a; --line: #3a4048;
  --mark: #6ea8fe; --bad: #ff8a7a; } }
body { font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: .2rem } h2 { font-size: 1.1rem; margin-top: 2rem }
.told { color: color-mix(in srgb, var(--ink) 70%, transparent) }
.figures { display: flex; flex-wrap: wrap; gap: 1rem; margin: 1rem 0 }
.figures div { border: 1px solid var(--line); border-radius: 6px; padding: .5rem .9rem }
.figures b { display: block; font-size: 1.4rem; font-variant-numeric: tabular-nums }
.bad b { color: var(--bad) }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .25rem .5rem; border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
svg { display: block; width: 100%; height: auto; print-color-adjust: exact }
rect { fill: var(--mark) }
line { stroke: var(--bad); stroke-dasharray: 4 3 } text { fill: var(--ink); font-size: 11px }
@media print { :root { --ink: #000; --paper: #fff } body { margin: 0; max-width: none }
  section { break-inside: avoid } }
"""

_WIDTH, _HEIGHT, _FOOT = 900, 160, 18


def page(title: str, told: Iterable[str], parts: Iterable[Part]) -> str:
    """Return a page; *told* are lines on what it is about."""
    lines = "<br>".join(map(escape, told))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
        f'<h1>{escape(title)}</h1><p class="told">{lines}</p>\n'
        + "\n".join(parts)
        + "\n</body></html>\n"
    )


def section(heading: str, *parts: Part) -> Part:
    """Return a section that a printer keeps together."""
    return f"<section><h2>{escape(heading)}</h2>{''.join(parts)}</section>"


def figures(named: Iterable[tuple[str, Cell, bool]]) -> Part:
    """Return large figures, each with its name and whether it is a bad one."""
    shown = "".join(
        f"<div{' class=bad' if bad else ''}><b>{_cell(value)}</b>{escape(name)}</div>"
        for name, value, bad in named
    )
    return f'<div class="figures">{shown}</div>'


def table(heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Part:
    """Return a table; figures stand at the right."""
    shown = list(rows)
    likes = shown[0] if shown else heads
    head = "".join(_head(each, like) for each, like in zip(heads, likes, strict=True))
    body = "".join(f"<tr>{''.join(map(_data, row))}</tr>" for row in shown)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def bars(what: str, counts: Sequence[tuple[str, int]]) -> Part:
    """Return a table of counts with a bar for each."""
    whole, most = sum(count for _, count in counts), max((c for _, c in counts), default=0)
    rows = "".join(
        f"<tr>{_data(name)}{_data(count)}{_data(f'{count / whole:.1%}' if whole else '')}"
        f'<td style="width:50%"><svg viewBox="0 0 300 12" aria-hidden="true">'
        f'<rect width="{300 * count / most if most else 0:.1f}" height="12"/></svg></td></tr>'
        for name, count in counts
    )
    return (
        f"<table><thead><tr>{_head(what, '')}{_head('records', 0)}{_head('share', 0)}"
        f"<th></th></tr></thead><tbody>{rows}</tbody></table>"
    )


def columns(
    what: str, values: Sequence[tuple[int, str, int]], bound: tuple[str, int] | None = None
) -> Part:
    """Return columns along an axis: place on it, name and value of each; *bound* is a line across.

    *what* tells those who do not see it.
    """
    if not values:
        return "<p>none</p>"
    first, span = values[0][0], values[-1][0] - values[0][0] + 1
    top = max(*(value for *_, value in values), bound[1] if bound else 0, 1)
    width = _WIDTH / span

    def y(value: int) -> float:
        return _HEIGHT * (1 - value / top)

    drawn = "".join(
        f'<rect x="{(at - first) * width:.1f}" y="{y(value):.1f}" width="{max(1, width - 1):.1f}" '
        f'height="{_HEIGHT - y(value):.1f}"><title>{escape(name)}: {value:,}</title></rect>'
        for at, name, value in values
    )
    if bound is not None:
        drawn += (
            f'<line x1="0" x2="{_WIDTH}" y1="{y(bound[1]):.1f}" y2="{y(bound[1]):.1f}"/>'
            f'<text x="4" y="{y(bound[1]) + 12:.1f}">{escape(bound[0])}: {bound[1]:,}</text>'
        )
    most = max(values, key=lambda each: each[2])
    told = f"most: {most[2]:,}, {most[1]}"
    drawn += f'<text x="{_WIDTH}" y="12" text-anchor="end">{escape(told)}</text>'
    foot = _HEIGHT + _FOOT - 4
    drawn += f'<text x="0" y="{foot}">{escape(values[0][1])}</text>'
    drawn += f'<text x="{_WIDTH}" y="{foot}" text-anchor="end">{escape(values[-1][1])}</text>'
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT + _FOOT}" role="img" '
        f'aria-label="{escape(what)}">{drawn}</svg>'
    )


def _head(name: str, like: Cell) -> Part:
    return f'<th scope="col"{_class(like)}>{escape(name)}</th>'


def _data(value: Cell) -> Part:
    return f"<td{_class(value)}>{_cell(value)}</td>"


def _class(value: Cell) -> str:
    number = not isinstance(value, str) or value.endswith("%")
    return ' class="n"' if number else ""


def _cell(value: Cell) -> str:
    match value:
        case None:
            return "-"
        case str():
            return escape(value)
        case _:
            return f"{value:,}"
