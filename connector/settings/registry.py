"""Section `[registry]`: the schema registry."""

from typing import Annotated

from pydantic import Field

from connector.settings.section import Section
from connector.settings.values import Secret, Text, Url


class Registry(Section):
    """A schema registry with Confluent's API. Without this section everything is JSON."""

    url: Annotated[Url, Field(examples=["http://127.0.0.1:8081"])]
    """Address of the registry."""
    username: Text | None = None
    """User name, where it asks for one."""
    password: Secret | None = None
    """Password to it."""
    ssl_ca_location: Text | None = None
    """File with the certificates (PEM) that the registry's must lead to; absent: those of the
    system."""
