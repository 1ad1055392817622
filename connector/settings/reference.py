"""The reference of all settings, written from the models."""

from collections.abc import Iterator

from pydantic.fields import FieldInfo

from connector.settings.environment import FILE_ONLY
from connector.settings.keys import is_secret, section_model
from connector.settings.kinds import default, kind
from connector.settings.model import Document
from connector.settings.toml_text import toml_value

_HEAD = """\
# Settings

Written by `connector config reference`; do not edit.

One TOML file, `connector.toml` or what `--config` or `$CONNECTOR_CONFIG` names. It is checked
whole at start, and every problem is reported at once with its path.
`connector config example` prints a file to begin with, `connector config show` what is in force.

- **Environment.** `CONNECTOR_<SECTION>__<KEY>` overrides a key, such as
  `CONNECTOR_KAFKA__BOOTSTRAP_SERVERS`; lists are JSON there. `CONNECTOR_SOURCES__<NAME>__<KEY>`
  does it for a source that the file names. `[mapping]` and `[lists]` can only be set in the file.
  An unknown `CONNECTOR_` variable is an error, `$CONNECTOR_CONFIG` and `$CONNECTOR_ACTOR` aside.
- **Secrets** are masked wherever they are shown. Each can stand in a file of its own, named by
  its key with `_file`: `client_secret_file = "/run/secrets/genesys"`.
- **Spans** are texts such as `500ms`, `45s`, `10m`, `72h`, `30d`, or a number of seconds.
- **Paths** are taken from the working directory.
"""
_HEADERS = {"lists": "[lists.NAME]", "sources": "[sources.NAME]"}


def reference() -> str:
    """Write the reference as Markdown: a table for each section."""
    sections = ("\n".join(_section(name)) for name in Document.model_fields if name != "source")
    return "\n".join([_HEAD, *sections])


def _section(name: str) -> Iterator[str]:
    model = section_model(name)
    header = _HEADERS.get(name, f"[{name}]")
    yield f"## `{header}`" if name != "sources" else "## `[source]` or `[sources.NAME]`"
    yield ""
    yield " ".join((model.__doc__ or "").split())
    if name in FILE_ONLY:
        yield "In the file only."
    yield ""
    yield "| key | value | default | meaning |"
    yield "| --- | --- | --- | --- |"
    for key, field in model.model_fields.items():
        cells = (
            f"`{key}`",
            _kind(field),
            _default(field),
            " ".join((field.description or "").split()),
        )
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    yield ""


def _kind(field: FieldInfo) -> str:
    return "secret" if is_secret(field) else kind(field)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    value = default(field)
    return "none" if value is None or kind(field) == "table" else f"`{toml_value(value)}`"
