"""Hold where the platform is and who we are there."""

from dataclasses import dataclass, field

LONGEST_RETRY_AFTER = 180.0
"""`Retry-After` beyond which the official SDKs give up (genesys-api.md section 3.2)."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The platform's addresses and our OAuth client there. No secret in its repr.

    `timeout` is in seconds for one whole request, `request_bytes` the largest body, a
    `Retry-After` above `retry_after_limit` seconds is obeyed with an alarm. `ca` is a PEM file.
    """

    api_url: str
    login_url: str
    client_id: str
    secret: str = field(repr=False)
    timeout: float = 10.0
    request_bytes: int = 512_000
    retry_after_limit: float = LONGEST_RETRY_AFTER
    proxy: str | None = field(default=None, repr=False)
    ca: str | None = None
