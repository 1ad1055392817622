"""Settings from the environment: what overrides, what is refused."""

import json
from pathlib import Path

from connector.settings.loading import load
from tests.support.settings_files import MINIMAL, SECRET, edited, loaded, problems


def test_the_environment_names_the_file_when_nobody_does(tmp_path: Path) -> None:
    """`$CONNECTOR_CONFIG` is the default of the path, and no setting."""
    path = tmp_path / "elsewhere.toml"
    path.write_text(MINIMAL)
    environ = {"CONNECTOR_CONFIG": str(path), "CONNECTOR_ACTOR": "me", "HOME": "/"}
    assert load(None, environ).source_topics == ("crm.leads",)


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    """Texts, numbers, booleans, spans, lists as JSON, secrets and their files."""
    held = tmp_path / "token"
    held.write_text("t0ken")
    settings = loaded(
        tmp_path,
        MINIMAL,
        {
            "CONNECTOR_KAFKA__PARTITIONS": "12",
            "CONNECTOR_KAFKA__RETENTION": "7d",
            "CONNECTOR_SOURCE__TOPICS": json.dumps(["a", "b"]),
            "CONNECTOR_COMPLIANCE__VERIFY": "false",
            "CONNECTOR_GENESYS__API_URL": "http://127.0.0.1:1",
            "CONNECTOR_GENESYS__LOGIN_URL": "http://127.0.0.1:1",
            "CONNECTOR_OPS__TOKEN_FILE": str(held),
            "CONNECTOR_STATE__SECRET": "another",
            "CONNECTOR_REGISTRY__URL": "http://127.0.0.1:8081",
        },
    )
    assert settings.kafka.partitions == 12
    assert settings.kafka.retention == 7 * 86400
    assert settings.source_topics == ("a", "b")
    assert settings.compliance.verify is False
    assert settings.genesys.api_base == "http://127.0.0.1:1"
    assert settings.genesys.region is None
    assert settings.ops.token is not None
    assert settings.ops.token.get_secret_value() == "t0ken"
    assert settings.state.secret.get_secret_value() == "another"
    assert settings.outcomes.encoding == "avro"


def test_a_variable_takes_the_place_of_the_file_s_alternative(tmp_path: Path) -> None:
    """A secret from the environment replaces a file named in the settings, and the reverse."""
    text = edited(f'client_secret = "{SECRET}"', 'client_secret_file = "/nowhere"')
    environ = {"CONNECTOR_GENESYS__CLIENT_SECRET": "from-env"}
    assert loaded(tmp_path, text, environ).genesys.client_secret.get_secret_value() == "from-env"


def test_mistakes_in_variables_are_named_by_variable(tmp_path: Path) -> None:
    """Unknown ones with the nearest right name; bad values with the variable they came from."""
    environ = {
        "CONNECTOR_KAFKA__PARTITONS": "3",
        "CONNECTOR_LISTS__DEFAULT__DNC_LIST": "x",
        "CONNECTOR_MAPPING__LEAD_ID": "x",
        "CONNECTOR_SOURCE__MAPPING": "{}",
        "CONNECTOR_KAFKA__RETENTION": "long",
        "CONNECTOR_SOURCE__TOPICS": "a,b",
        "connector_kafka__retention": "not ours",
    }
    assert problems(tmp_path, MINIMAL, environ) == [
        "CONNECTOR_KAFKA__PARTITONS: unknown variable; did you mean CONNECTOR_KAFKA__PARTITIONS?",
        "CONNECTOR_LISTS__DEFAULT__DNC_LIST: [lists] can only be set in the file",
        "CONNECTOR_MAPPING__LEAD_ID: [mapping] can only be set in the file",
        "CONNECTOR_SOURCE__MAPPING: unknown variable; did you mean CONNECTOR_SOURCE__ENCODING?",
        (
            "kafka.retention: must be a span such as 500ms, 45s, 10m, 72h, 30d, or a number of "
            "seconds (from $CONNECTOR_KAFKA__RETENTION)"
        ),
        (
            "source.topics: must be a list in brackets "
            "(from $CONNECTOR_SOURCE__TOPICS; lists are JSON there)"
        ),
    ]
