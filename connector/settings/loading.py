"""Loading the settings: everything is read and judged before anything is refused."""

from collections.abc import Mapping
from pathlib import Path

from connector.settings.checks import judge
from connector.settings.document_reader import SectionReader
from connector.settings.environment import CONFIG, Overrides, read_environment
from connector.settings.keys import FILE_SUFFIX
from connector.settings.layers import fetch_secrets, overlay, read_file, source_names
from connector.settings.model import Document, Settings
from connector.settings.problems import Problem, SettingsError

DEFAULT_FILE = Path("connector.toml")


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Load the settings.

    Args:
        path: the file; absent: `$CONNECTOR_CONFIG`, else `connector.toml`.
        environ: the environment; its `CONNECTOR_<SECTION>__<KEY>` override the file.

    Raises:
        SettingsError: they cannot be used; it holds every problem found, and no value.
    """
    document = read_file(path or Path(environ.get(CONFIG) or DEFAULT_FILE))
    overrides = read_environment(environ, source_names(document))
    overlay(document, overrides)
    settings, problems = parse(document)
    told = [*overrides.problems, *(_with_variable(each, overrides) for each in problems)]
    if told:
        raise SettingsError(told)
    return settings


def parse(document: dict[str, object]) -> tuple[Settings, list[Problem]]:
    """Read and judge a document as `tomllib` gives it.

    Returns:
        The settings, to be used only if the second, all that is wrong, is empty.
    """
    secrets = fetch_secrets(document)
    reader = SectionReader(document)
    settings = reader.settings()
    unread = {problem.path.removesuffix(FILE_SUFFIX) for problem in secrets}
    problems = [each for each in reader.problems if each.path not in unread]
    problems += [each for each in judge(settings, reader.places()) if each.path not in unread]
    order = list(Document.model_fields)
    found = dict.fromkeys([*secrets, *problems])
    return settings, sorted(found, key=lambda problem: _rank(problem, order))


def _rank(problem: Problem, order: list[str]) -> int:
    """Put problems in the order of the file's sections."""
    section = problem.path.split(".")[0]
    return order.index(section) if section in order else len(order)


def _with_variable(problem: Problem, overrides: Overrides) -> Problem:
    """Name the variable that a bad value came from."""
    for path, variable in overrides.variables.items():
        place = ".".join(path)
        if problem.path == place or problem.path.startswith(f"{place}["):
            how = "; lists are JSON there" if "list" in problem.text else ""
            return Problem(problem.path, f"{problem.text} (from ${variable}{how})")
    return problem
