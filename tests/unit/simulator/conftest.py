"""Give every test a simulator of its own, in the process."""

from collections.abc import AsyncGenerator

import pytest

from tests.support.platform_in_process import Platform, in_process


@pytest.fixture
async def platform() -> AsyncGenerator[Platform, None]:
    """Return a client that is logged in to a fresh simulator."""
    async with in_process() as running:
        yield running
