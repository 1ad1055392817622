"""Several sources in one connector, each with its own topics, role and mapping."""

from pathlib import Path

import pytest

from tests.support.settings_files import edited, loaded, problems

SEVERAL = """
[sources.crm]
topics = ["crm"]
envelope = "debezium"
[sources.second-crm]
topics = ["other"]
envelope = "flat"
role = "opt_outs"
[sources.second-crm.mapping]
lead_id = "number"
opt_out = { stop = ["yes"] }
[sources.numbers]
topics = ["dnc"]
envelope = "flat"
role = "numbers"
phones = ["phone"]
when = { active = [true] }
"""
ONE = '[source]\ntopics = ["crm.leads"]\nenvelope = "flat"\n'


def test_several_sources_each_have_their_effective_mapping(tmp_path: Path) -> None:
    """Keys of a source's own mapping take the place of whole keys of the shared one."""
    settings = loaded(tmp_path, edited(ONE, SEVERAL))
    assert list(settings.sources) == ["crm", "second-crm", "numbers"]
    assert settings.sources["crm"].mapping == settings.mapping
    second = settings.sources["second-crm"].mapping
    assert second.lead_id == "number"
    assert second.opt_out == {"stop": ("yes",)}
    assert second.columns == settings.mapping.columns
    assert settings.source_of("dnc")[0] == "numbers"
    with pytest.raises(KeyError):
        settings.source_of("unknown")


def test_variables_reach_the_sources_that_the_file_names(tmp_path: Path) -> None:
    """A name that no variable can spell is reached with underscores."""
    environ = {"CONNECTOR_SOURCES__SECOND_CRM__TOPICS": '["moved"]'}
    settings = loaded(tmp_path, edited(ONE, SEVERAL), environ)
    assert settings.sources["second-crm"].topics == ("moved",)
    environ = {"CONNECTOR_SOURCES__THIRD__TOPICS": '["x"]'}
    assert "unknown variable" in problems(tmp_path, edited(ONE, SEVERAL), environ)[0]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (
            "[sources.crm]",
            f"{ONE}[sources.crm]",
            "source: give [source] or [sources.NAME], not bo",
        ),
        ('["other"]', '["crm"]', "sources.second-crm.topics: crm is read by sources.crm already"),
        ('phones = ["phone"]', "", 'sources.numbers.phones: missing; role = "numbers" reads them'),
        ('["yes"] }', '["yes"] }\nlead_idd = "x"', "sources.second-crm.mapping.lead_idd: unknown"),
        ('{ stop = ["yes"] }', "{}", "sources.second-crm.mapping.opt_out: missing; role ="),
        ('{ stop = ["yes"] }', "3", "sources.second-crm.mapping.opt_out: must be a table"),
        ('{ stop = ["yes"] }', '{}\nphones = { X = "a" }', "sources.second-crm.mapping."),
    ],
)
def test_mistakes_in_several_sources_carry_the_source_s_path(
    tmp_path: Path, old: str, new: str, line: str
) -> None:
    """The path leads to the source's own key where it has one, else to the shared one."""
    assert old in SEVERAL
    said = problems(tmp_path, edited(ONE, SEVERAL.replace(old, new)))
    assert said[0].startswith(line)
