"""What is printed from the settings' models: the example, the reference, what is in force."""

import json
import tomllib
from pathlib import Path

import pytest

from connector.settings.effective import show, show_text
from connector.settings.example import example
from connector.settings.keys import section_model, spellings
from connector.settings.model import Document
from connector.settings.reference import reference
from connector.settings.regions import DOMAINS
from tests.support.settings_files import MINIMAL, SECRET, loaded

ROOT = Path(__file__).parents[3]


def test_the_example_loads_as_it_is(tmp_path: Path) -> None:
    """Somebody who copies it only has to put in their own names."""
    settings = loaded(tmp_path, example())
    assert settings.source_topics == ("crm.public.crm_lead",)
    assert settings.registry is None


@pytest.mark.parametrize("section", [name for name in Document.model_fields if name != "sources"])
def test_the_example_shows_every_key(section: str) -> None:
    """In use or commented, each with what it means above it."""
    lines = example().splitlines()
    header = f"[{'lists.default' if section == 'lists' else section}]"
    start = next(n for n, line in enumerate(lines) if line.lstrip("#") == header)
    for key in section_model(section).model_fields:
        if (section, key) != ("source", "mapping"):
            shown = (f"{key} = ", f"#{key} = ", f"[{section}.{key}]", f"#[{section}.{key}.")
            assert any(line.startswith(shown) for line in lines[start:])


def test_the_reference_in_the_docs_is_fresh() -> None:
    """`connector config reference > docs/configuration.md` was run after the last change."""
    assert (ROOT / "docs" / "configuration.md").read_text() == reference()


def test_the_reference_names_every_key_with_its_meaning() -> None:
    """No key without words, no word without a key."""
    text = reference()
    for section in Document.model_fields:
        model = section_model(section)
        assert model.__doc__
        for key, field in model.model_fields.items():
            assert f"| `{key}` |" in text
            assert field.description


def test_what_is_in_force_is_shown_with_secrets_masked(tmp_path: Path) -> None:
    """As JSON with every key, and as TOML that reads back to the same."""
    settings = loaded(tmp_path, MINIMAL)
    document = show(settings)
    assert SECRET not in json.dumps(document)
    assert SECRET not in show_text(settings)
    text = tomllib.loads(show_text(settings))
    assert text["kafka"]["retention"] == "30d"
    assert text["state"]["secret"] == "**********"
    assert text["sources"]["default"]["topics"] == ["crm.leads"]
    assert loaded(tmp_path, show_text(settings)).apply == settings.apply


def test_a_secret_can_be_written_as_a_file_everywhere() -> None:
    """Every masked key has its `_file`."""
    found = {
        f"{section}.{key}"
        for section in Document.model_fields
        for key in spellings(section_model(section))
        if key.endswith("_file")
    }
    assert found == {
        "kafka.sasl_password_file",
        "kafka.sasl_oauthbearer_client_secret_file",
        "registry.password_file",
        "genesys.client_secret_file",
        "genesys.proxy_file",
        "state.secret_file",
        "state.secret_previous_file",
        "ops.token_file",
    }


def test_all_eighteen_regions_are_known() -> None:
    """As many as the platform's own SDK names."""
    assert len(DOMAINS) == 18
