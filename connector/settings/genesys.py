"""Section `[genesys]`: the platform, our client there, and how hard it may be asked."""

import difflib
from typing import Annotated

from pydantic import AfterValidator, Field

from connector.settings.regions import DOMAINS, api_url, login_url
from connector.settings.section import USUAL, Section
from connector.settings.values import (
    MINUTE,
    Count,
    ProxyUrl,
    Secret,
    Span,
    Text,
    Url,
    at_least,
    at_most,
    refusal,
    within,
)


def _region(text: str | None) -> str | None:
    """Bring a region to our spelling (`us-east-1` is meant too); refuse an unknown one."""
    if text is None:
        return None
    name = text.strip().lower().replace("-", "_")
    if name in DOMAINS:
        return name
    near = difflib.get_close_matches(name, DOMAINS, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(DOMAINS))}"
    raise refusal(f"unknown region; {hint} (a new one: set api_url and login_url)")


class Genesys(Section):
    """Genesys Cloud: a region (or two addresses), an OAuth client of the kind *Client
    Credentials* with the scope `outbound`, and its allowance.
    """

    region: Annotated[
        Text | None,
        AfterValidator(_region),
        Field(examples=["us_east_1"], json_schema_extra=USUAL),
    ] = None
    """Region of the organisation, such as `us_east_1`."""
    api_url: Annotated[Url | None, Field(examples=["https://api.mypurecloud.com"])] = None
    """In place of `region`, together with `login_url`: base address of the API (the simulator,
    a private gateway, a new region)."""
    login_url: Annotated[Url | None, Field(examples=["https://login.mypurecloud.com"])] = None
    """In place of `region`, together with `api_url`: base address of the login."""
    client_id: Annotated[Text, Field(examples=["your-client-id"])]
    """Id of the OAuth client."""
    client_secret: Annotated[Secret, Field(examples=["your-client-secret"])]
    """Secret of the OAuth client."""
    requests_per_minute: Annotated[Count, within(3, 100_000)] = 300
    """Requests that this OAuth client may make in any 60 s, all its tokens and workers
    together. 300 is the platform's own limit."""
    retry_after_limit: Annotated[Span, at_least("1s")] = 3 * MINUTE
    """A longer `Retry-After` is obeyed too, with an alarm."""
    collision_limit: Annotated[Span, at_least("1s")] = 10 * MINUTE
    """How long a 409 on a contact is repeated, opt-outs aside (those for ever): then the change
    becomes a dead letter."""
    request_bytes: Annotated[Count, within(4_096, 10_000_000)] = 512_000
    """Largest body of a request, in bytes (the platform's `request.bytes.max`)."""
    request_timeout: Annotated[Span, at_least("100ms"), at_most("5m")] = 10.0
    """How long one request may take before its effect counts as unknown."""
    proxy: Annotated[ProxyUrl | None, Field(examples=["http://proxy.example.com:3128"])] = None
    """Proxy to the platform. Masked like a secret, for it may carry a password."""
    ssl_ca_location: Text | None = None
    """File with the certificates (PEM) that the platform's must lead to; absent: those of the
    system."""

    @property
    def api_base(self) -> str:
        """Base address of the API: `api_url`, else the region's."""
        return self.api_url or api_url(self.region or "")

    @property
    def login_base(self) -> str:
        """Base address of the login: `login_url`, else the region's."""
        return self.login_url or login_url(self.region or "")
