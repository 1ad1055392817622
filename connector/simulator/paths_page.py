"""Write the paths into `docs/simulator.md`: `python -m connector.simulator.paths_page`."""

import inspect
import pathlib

from connector.simulator.permissions import NEEDS
from connector.simulator.routes import PATHS, Path

PAGE = pathlib.Path("docs") / "simulator.md"
BEGIN = "<!-- made by python -m connector.simulator.paths_page -->\n"
END = "<!-- end of what is made -->\n"


def table() -> str:
    """Return the table of all paths, each with what its docstring says first."""
    rows = [
        f"| {method} | `{template}` | {_needs(path)} | {_first(inspect.getdoc(path) or '')} |\n"
        for (method, template), path in PATHS.items()
    ]
    return "".join(
        ("| method | path | permission | does |\n", "| --- | --- | --- | --- |\n", *rows)
    )


def refreshed(page: str) -> str:
    """Return the page with the table as it is now; raises `ValueError` where its place is gone."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE}: put back the lines {BEGIN.strip()} and {END.strip()}")
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def _needs(path: Path) -> str:
    groups = (" or ".join(f"`{each}`" for each in group) for group in NEEDS[path])
    return " and ".join(groups).replace("`outbound:", "`")


def _first(text: str) -> str:
    """Return the first paragraph of a docstring in one line, without its full stop."""
    return " ".join(text.partition("\n\n")[0].split()).rstrip(".")


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
