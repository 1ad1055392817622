"""Secrets: from files, and never told."""

from pathlib import Path

import pytest

from connector.settings.loading import load
from connector.settings.problems import SettingsError
from tests.support.settings_files import MINIMAL, SECRET, edited, loaded, problems


def test_secrets_may_not_be_the_same_twice(tmp_path: Path) -> None:
    """A previous secret that is the present one would hide that nothing changed."""
    text = MINIMAL + f'secret_previous = "{SECRET}"'
    assert problems(tmp_path, text) == [
        "state.secret_previous: is the same as state.secret; leave it out"
    ]


def test_a_secret_can_stand_in_a_file(tmp_path: Path) -> None:
    """Its line end is not part of it; a file that fails is one line and not also `missing`."""
    held = tmp_path / "secret"
    held.write_text(f"{SECRET}\n")
    text = edited(f'client_secret = "{SECRET}"', f'client_secret_file = "{held}"')
    assert loaded(tmp_path, text).genesys.client_secret.get_secret_value() == SECRET
    held.write_text("")
    assert problems(tmp_path, text) == ["genesys.client_secret_file: the file is empty"]
    held.unlink()
    assert problems(tmp_path, text) == [
        "genesys.client_secret_file: the file cannot be read: No such file or directory"
    ]
    both = edited("client_secret =", f'client_secret_file = "{held}"\nclient_secret =')
    assert problems(tmp_path, both) == [
        "genesys.client_secret_file: give client_secret or client_secret_file, not both"
    ]


def test_no_secret_is_told_by_anything(tmp_path: Path) -> None:
    """Neither repr nor dump nor problem nor exception holds a secret, nor a proxy's password."""
    text = MINIMAL.replace("[lists", f'proxy = "http://u:{SECRET}@p:1"\n[lists')
    settings = loaded(tmp_path, text)
    for shown in (repr(settings), str(settings), settings.model_dump_json()):
        assert SECRET not in shown
    broken = text.replace('client_id = "client"', f'"{SECRET}" = "client"').replace(
        "region", "client_secret_file"
    )
    broken = broken.replace('lead_id = "id"', f'lead_id = "id"\ndefault_region = "{SECRET}"')
    broken = broken.replace("[lists", f'region = ["{SECRET}"]\n[lists')
    path = tmp_path / "broken.toml"
    path.write_text(broken.replace(f'"{SECRET}" = "client"', f'client_idd = "{SECRET}"'))
    with pytest.raises(SettingsError) as refused:
        load(path, {"CONNECTOR_KAFKA__RETENTION": SECRET})
    seen: BaseException | None = refused.value
    while seen is not None:
        assert SECRET not in str(seen)
        assert SECRET not in repr(seen)
        seen = seen.__cause__ or seen.__context__
