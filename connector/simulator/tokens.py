"""Give out access tokens, and know them again."""

import base64
import binascii
import hashlib
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote_plus

from connector.simulator.call import Answer, Call, answer, query_of
from connector.simulator.seed import ClientSeed

Standing = Literal["good", "expired", "unknown", "absent"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a request says it comes from; `client` None where nobody can tell."""

    client: str | None
    token: str | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class _Issued:
    client: str
    hash: str
    expires: float


class Tokens:
    """Hold the OAuth clients and the tokens that they were given."""

    def __init__(
        self,
        clients: Iterable[ClientSeed],
        before: "Tokens | None" = None,
        refused_login: int = 400,
    ) -> None:
        self._refused_login = refused_login
        self._clients = {client.client_id: client for client in clients}
        self._issued: dict[str, _Issued] = {}
        if before is not None:
            self._issued = {
                token: issued
                for token, issued in before._issued.items()  # noqa: SLF001 - of the same class
                if _same(self._clients.get(issued.client), before._client(issued))  # noqa: SLF001
            }

    def caller(self, call: Call) -> Caller:
        """Return who sent a request with a bearer token."""
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        if not token or scheme.lower() != "bearer":
            return Caller(None, None, "absent")
        issued = self._issued.get(token)
        if issued is None:
            return Caller(None, _hash(token), "unknown")
        good = call.at < issued.expires
        return Caller(issued.client, issued.hash, "good" if good else "expired")

    def permissions(self, caller: Caller) -> Collection[str] | None:
        """Return what the role of a caller permits; None: everything."""
        client = self._clients.get(caller.client or "")
        return None if client is None else client.permissions

    def login(self, call: Call) -> Caller:
        """Return which client a token request names, right or wrong as its secret may be."""
        client, _ = _credentials(call)
        return Caller(client if client in self._clients else None, None, "absent")

    def issue(self, call: Call) -> Answer:
        """Answer `POST /oauth/token` (RFC 6749 section 4.4); OAuth error bodies, not ErrorBody."""
        form = query_of(call.body.decode("utf-8", "replace"))
        call.shown = _masked(form)
        if form.get("grant_type") != "client_credentials":
            return _oauth_error("unsupported_grant_type", "unsupported grant type")
        client_id, secret = _credentials(call)
        client = self._clients.get(client_id or "")
        if client is None:
            return _oauth_error("invalid_client", "client not found", self._refused_login)
        if secret is None or not secrets.compare_digest(
            secret.encode(), client.client_secret.encode()
        ):
            return _oauth_error("invalid_client", "authentication failed", self._refused_login)
        token = secrets.token_urlsafe(32)
        hashed = _hash(token)
        self._issued[token] = _Issued(client.client_id, hashed, call.at + client.token_seconds)
        given = {"token_type": "bearer", "expires_in": client.token_seconds}
        granted = answer({"access_token": token, **given})
        granted.shown = answer({"access_token": hashed, **given}).content
        return granted

    def _client(self, issued: _Issued) -> ClientSeed | None:
        return self._clients.get(issued.client)

    def revoke(self) -> None:
        """Take every token back."""
        self._issued.clear()


def _same(now: ClientSeed | None, before: ClientSeed | None) -> bool:
    return now is not None and before is not None and now.client_secret == before.client_secret


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[:16]


def _credentials(call: Call) -> tuple[str | None, str | None]:
    """Read `client_secret_basic` or `client_secret_post`, both of which the platform takes."""
    scheme, _, encoded = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            text = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return None, None
        client, found, secret = text.partition(":")
        return (unquote_plus(client), unquote_plus(secret)) if found else (None, None)
    form = query_of(call.body.decode("utf-8", "replace"))
    return form.get("client_id"), form.get("client_secret")


def _masked(form: dict[str, str]) -> bytes:
    shown = {name: "***" if "secret" in name else value for name, value in form.items()}
    return answer(shown).content


def _oauth_error(error: str, text: str, status: int = 400) -> Answer:
    """Return the login service's error; the status of `invalid_client` is not documented."""
    return answer({"error": error, "description": text, "error_description": text}, status)
