"""Tokens are given, expire and are refused as documented."""

import httpx
import pytest

from tests.support.platform_in_process import CONTACTS, Platform, code_of, in_process
from tests.support.simulators import CLIENT, a_seed

GRANT = {"grant_type": "client_credentials"}


async def ask(
    platform: Platform, form: dict[str, str], auth: tuple[str, str] | None
) -> httpx.Response:
    """Ask for a token without the client's present one."""
    http = platform.http
    http.headers.pop("authorization", None)
    sender = httpx.BasicAuth(*auth) if auth else httpx.Auth()
    return await http.post("/oauth/token", data=form, auth=sender)


@pytest.mark.parametrize(
    ("form", "auth"), [(GRANT, ("demo", "demo")), ({**GRANT, **CLIENT}, None)]
)
async def test_both_ways_to_send_a_secret(
    platform: Platform, form: dict[str, str], auth: tuple[str, str] | None
) -> None:
    """A secret is taken from the header and from the form; the token lives a day."""
    answered = await ask(platform, form, auth)
    assert answered.status_code == 200
    given = answered.json()
    assert given["token_type"].lower() == "bearer"
    assert given["expires_in"] == 86_400
    headers = {"authorization": f"Bearer {given['access_token']}"}
    me = await platform.http.get("/api/v2/tokens/me", headers=headers)
    assert me.json()["OAuthClient"]["id"] == "demo"


@pytest.mark.parametrize(
    ("form", "auth", "error", "text"),
    [
        (GRANT, ("nobody", "demo"), "invalid_client", "client not found"),
        (GRANT, ("demo", "wrong"), "invalid_client", "authentication failed"),
        (GRANT, None, "invalid_client", "client not found"),
        ({"grant_type": "password"}, ("demo", "demo"), "unsupported_grant_type", "unsupported"),
    ],
)
async def test_wrong_credentials(
    platform: Platform,
    form: dict[str, str],
    auth: tuple[str, str] | None,
    error: str,
    text: str,
) -> None:
    """Wrong credentials get an OAuth error with 400, not the platform's error body."""
    answered = await ask(platform, form, auth)
    assert answered.status_code == 400
    assert answered.json()["error"] == error
    assert text in answered.json()["error_description"]
    assert "code" not in answered.json()


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "authentication.required"),
        ("Basic ZGVtbzpkZW1v", "authentication.required"),
        ("Bearer nonsense", "bad.credentials"),
    ],
)
async def test_no_token_no_answer(platform: Platform, header: str | None, code: str) -> None:
    """Without a good token every path answers 401, whatever was asked."""
    platform.http.headers.pop("authorization")
    headers = {"authorization": header} if header else {}
    answered = await platform.http.get(f"{CONTACTS}/x", headers=headers)
    assert code_of(answered) == (401, code)
    assert answered.headers["inin-correlation-id"] == answered.json()["contextId"]


async def test_a_token_expires_and_a_new_one_serves() -> None:
    """A token is refused once its time is over; the next one is good."""
    seed = a_seed(clients=[{**CLIENT, "token_seconds": 300}])
    async with in_process(seed) as platform:
        platform.clock.now += 299
        assert (await platform.http.get("/api/v2/tokens/me")).status_code == 200
        platform.clock.now += 1
        assert (await platform.http.get("/api/v2/tokens/me")).status_code == 401
        await platform.log_in()
        assert (await platform.http.get("/api/v2/tokens/me")).status_code == 200


async def test_all_tokens_can_be_taken_back(platform: Platform) -> None:
    """The control API revokes tokens; the client may log in again."""
    await platform.control("DELETE", "/tokens")
    assert (await platform.http.get("/api/v2/tokens/me")).status_code == 401
    await platform.log_in()
    assert (await platform.http.get("/api/v2/tokens/me")).status_code == 200


async def test_secrets_and_tokens_stay_out_of_the_journal(platform: Platform) -> None:
    """The journal shows neither the secret of a login nor the token that was given."""
    token = await platform.log_in()
    await ask(platform, {**GRANT, "client_id": "demo", "client_secret": "hush"}, None)
    text = (await platform.http.get("/_control/journal")).text
    assert "hush" not in text
    assert token not in text
    lines = await platform.control("GET", "/journal")
    assert lines[-1]["body"] == {**GRANT, "client_id": "demo", "client_secret": "***"}


@pytest.mark.parametrize("header", ["Basic %%%", "Basic ZGVtbw==", "Basic /w=="])
async def test_a_header_that_is_no_secret(platform: Platform, header: str) -> None:
    """A header that cannot be read is a client that is not found."""
    answered = await platform.http.post(
        "/oauth/token", data=GRANT, headers={"authorization": header}
    )
    assert (answered.status_code, answered.json()["error"]) == (400, "invalid_client")
