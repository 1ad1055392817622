"""Requests are counted for each client, and refused beyond its allowance."""

from tests.support.platform_in_process import CONTACTS, in_process
from tests.support.simulators import CLIENT, a_seed

SMALL = a_seed(
    clients=[
        {**CLIENT, "requests_per_minute": 5},
        {"client_id": "other", "client_secret": "other", "requests_per_minute": 5},
    ]
)
ME = "/api/v2/tokens/me"


async def test_the_documented_429() -> None:
    """Beyond the allowance comes the documented body, with whole seconds to wait."""
    async with in_process(SMALL) as platform:
        platform.clock.now += 12.5
        for _ in range(4):
            assert (await platform.http.get(ME)).status_code == 200
        answered = await platform.http.get(ME)
        assert answered.status_code == 429
        assert answered.headers["retry-after"] == "48"
        assert answered.headers["cache-control"] == "no-cache, no-store, must-revalidate"
        assert answered.json() == {
            "message": "Rate limit exceeded the maximum. Retry the request in [48] seconds",
            "code": "too.many.requests.retry.after",
            "status": 429,
            "contextId": answered.headers["inin-correlation-id"],
            "details": [],
            "errors": [],
        }
        assert await platform.violations() == ["over_quota"]


async def test_token_requests_and_all_tokens_count_together() -> None:
    """A token request takes from the allowance, and a second token brings no second one."""
    async with in_process(SMALL) as platform:
        for _ in range(4):
            await platform.log_in()
        assert (await platform.http.get(ME)).status_code == 429
        answered = await platform.http.post(
            "/oauth/token", data={"grant_type": "client_credentials"}, auth=("demo", "demo")
        )
        assert answered.status_code == 429


async def test_each_client_has_its_own() -> None:
    """One client that is spent leaves the others alone."""
    async with in_process(SMALL) as platform:
        for _ in range(5):
            await platform.http.get(ME)
        answered = await platform.http.post(
            "/oauth/token", data={"grant_type": "client_credentials"}, auth=("other", "other")
        )
        assert answered.status_code == 200


async def test_the_window_slides_and_waiting_as_told_is_enough() -> None:
    """A request leaves the window after 60 seconds; who waits as told is let in again."""
    async with in_process(SMALL) as platform:
        for _ in range(4):
            platform.clock.now += 10
            assert (await platform.http.get(ME)).status_code == 200
        platform.clock.now += 1
        answered = await platform.http.get(ME)
        assert answered.headers["retry-after"] == "19"
        platform.clock.now += 18
        assert (await platform.http.get(ME)).status_code == 429
        platform.clock.now += 1
        assert (await platform.http.get(ME)).status_code == 200
        assert await platform.violations() == ["over_quota", "inside_retry_after", "over_quota"]


async def test_the_control_api_is_not_counted() -> None:
    """Steering and looking take nothing from anybody, and leave no line."""
    async with in_process(SMALL) as platform:
        for _ in range(20):
            await platform.violations()
        assert (await platform.http.get(f"{CONTACTS}/x")).status_code == 404
        assert len(await platform.control("GET", "/journal")) == 2
