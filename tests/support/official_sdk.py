"""Know Genesys's own Python SDK, in one place: it is untyped, large, and not always there.

`make test` installs it (the dependency group `sdk`); `make check` does without.
"""

import importlib
import importlib.util
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import pytest

PACKAGE = "PureCloudPlatformClientV2"
OUTDATED = (
    "outdated_sdk_version"  # what its models hold in place of an enum value they do not know
)

Json = Any  # what the platform sends; compared with what the SDK made of it


def installed() -> bool:
    """Return whether the SDK is there; on CI it must be."""
    there = importlib.util.find_spec(PACKAGE) is not None
    if not there and os.environ.get("CI"):
        raise AssertionError(f"{PACKAGE} is not installed: on CI run `make test`, which does it")
    return there


class OfficialSdk:
    """One client of the SDK, logged in; `m` are its models, the rest its APIs."""

    def __init__(self, url: str, client_id: str, client_secret: str) -> None:
        self.m: Any = importlib.import_module(PACKAGE)
        self.refused: type[Exception] = self.m.rest.ApiException
        self.client: Any = self.m.api_client.ApiClient(host=url)
        self.client.get_client_credentials_token(client_id, client_secret)
        self.outbound: Any = self.m.OutboundApi(self.client)
        self.tokens: Any = self.m.TokensApi(self.client)
        self.organization: Any = self.m.OrganizationApi(self.client)
        self.downloads: Any = self.m.DownloadsApi(self.client)

    def make(self, model: str, **fields: object) -> Any:
        """Return a model with fields; a name that it does not know is an error."""
        made = getattr(self.m, model)()
        for name, value in fields.items():
            assert name in made.attribute_map, f"{model} has no {name}"
            setattr(made, name, value)
        return made

    def told(self, call: Callable[..., Any], *args: object, **options: object) -> Any:
        """Make a call; return the model, which must hold all that the platform sent and no more."""
        model = call(*args, **options)
        content = self.client.last_response.data
        if content:
            self._faithful(model, orjson.loads(content), call.__name__)
        else:
            assert model is None, call.__name__
        return model

    def refusal(self, call: Callable[..., Any], *args: object, **options: object) -> Any:
        """Make a call that the platform refuses; return the `ErrorBody`, its status beside it."""
        try:
            call(*args, **options)
        except self.refused as refused:
            body = _Answered(refused)
            error = self.client.deserialize(body, "ErrorBody")
            sent = orjson.loads(body.data)
            self._faithful(error, sent, f"the refusal of {call.__name__}")
            assert error.status == body.status
            assert error.context_id == body.correlation_id
            return error
        raise AssertionError(f"{call.__name__} was not refused")

    def close(self) -> None:
        """Close its connections."""
        self.client.get_http_client().rest_client.pool_manager.clear()

    def _faithful(self, told: Any, sent: Json, where: str) -> None:
        """Compare what the SDK made of an answer with the answer itself, field by field."""
        assert not (isinstance(told, str) and told == OUTDATED), where
        if isinstance(sent, list):
            assert isinstance(told, list), where
            assert len(told) == len(sent), where
            for n, (one, each) in enumerate(zip(told, sent, strict=True)):
                self._faithful(one, each, f"{where}[{n}]")
        elif isinstance(sent, dict):
            self._faithful_object(told, sent, where)
        elif isinstance(told, datetime):
            assert told == datetime.fromisoformat(sent), where
        else:
            assert type(told) is type(sent) or _is_number(told, sent), where
            assert told == sent, where

    def _faithful_object(self, told: Any, sent: dict[str, Json], where: str) -> None:
        if isinstance(told, dict):
            assert told.keys() == sent.keys(), where
            for name, value in sent.items():
                self._faithful(told[name], value, f"{where}.{name}")
            return
        names = {json: attribute for attribute, json in told.attribute_map.items()}
        unknown = sorted(sent.keys() - names.keys())
        assert not unknown, f"{where}: {type(told).__name__} has no {unknown}"
        for name, value in sent.items():
            self._faithful(getattr(told, names[name]), value, f"{where}.{name}")


class _Answered:
    """A refusal as the SDK's own deserializer takes it."""

    def __init__(self, refused: Any) -> None:
        self.data: str = refused.body
        self.status: int = refused.status
        self.correlation_id: str = refused.headers["ININ-Correlation-Id"]

    def getheader(self, name: str) -> str | None:
        """Return the one header that it asks for."""
        return "application/json" if name == "Content-Type" else None


@contextmanager
def official_sdk(url: str, client_id: str, client_secret: str) -> Iterator[OfficialSdk]:
    """Log the SDK in at an address; its configuration file is looked for in an empty home."""
    with TemporaryDirectory() as home, pytest.MonkeyPatch.context() as patched:
        patched.setenv("HOME", home)
        sdk = OfficialSdk(url, client_id, client_secret)
        try:
            yield sdk
        finally:
            sdk.close()


def _is_number(told: object, sent: object) -> bool:
    return isinstance(told, float) and isinstance(sent, int)
