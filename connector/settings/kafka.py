"""Section `[kafka]`: the broker, our consumer group, our topics."""

from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field, SecretStr

from connector.settings.section import Section
from connector.settings.values import (
    DAY,
    Addresses,
    ApplicationId,
    Count,
    Secret,
    Span,
    Text,
    Url,
    at_least,
    at_most,
    within,
)


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


SecurityProtocol: TypeAlias = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
SaslMechanism: TypeAlias = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"]


class Kafka(Section):
    """Where the broker is, who we are in its consumer group, and how our own topics are made."""

    bootstrap_servers: Annotated[Addresses, Field(examples=["127.0.0.1:9092"])]
    """Brokers to ask first, as `host:port`, several with commas between them."""
    application_id: ApplicationId = "lead-connector"
    """Name of the consumer group and prefix of our own topics. Another name is another
    application: it starts from the beginning and knows nothing of the old one's opt-outs."""
    partitions: Annotated[Count, within(1, 1000)] = 8
    """Partitions of our own topics; fixed for the life of the application. At most so many
    workers have work."""
    replication_factor: Annotated[Count, within(1, 100)] = 3
    """Copies of our own topics; at most the number of brokers."""
    retention: Annotated[Span, at_least("1m")] = 30 * DAY
    """How long `lead-changes` and `opt-outs` keep their records: must outlast the longest
    outage. An alarm goes off when the lag reaches half of it."""
    session_timeout: Annotated[Span, at_least("6s"), at_most("30m")] = 45.0
    """A killed worker's partitions move to another one after this long. The broker allows 6s
    to 30m (its `group.min.session.timeout.ms` and `group.max.session.timeout.ms`)."""
    lost_records: Literal["stop", "skip"] = "stop"
    """What to do when retention has deleted records that were never read: `stop` the worker
    until a person has looked, or `skip` to what is left, with an alarm."""
    security_protocol: Annotated[SecurityProtocol, BeforeValidator(_upper)] = "PLAINTEXT"
    """How to speak to the brokers: in the clear or encrypted, with a log-in or without."""
    sasl_mechanism: Annotated[
        SaslMechanism | None, BeforeValidator(_upper), Field(examples=["SCRAM-SHA-512"])
    ] = None
    """How to log in, with a `SASL_` protocol."""
    sasl_username: Text | None = None
    """User name for `PLAIN` and `SCRAM`."""
    sasl_password: Secret | None = None
    """Password for `PLAIN` and `SCRAM`."""
    sasl_oauthbearer_method: Annotated[Literal["oidc"] | None, Field(examples=["oidc"])] = None
    """How `OAUTHBEARER` gets its token: `oidc`, from the endpoint below."""
    sasl_oauthbearer_token_endpoint_url: Url | None = None
    """Address of the OpenID token endpoint."""
    sasl_oauthbearer_client_id: Text | None = None
    """Client id for the token endpoint."""
    sasl_oauthbearer_client_secret: Secret | None = None
    """Client secret for the token endpoint."""
    sasl_oauthbearer_scope: Text | None = None
    """Scope to ask the token endpoint for."""
    ssl_ca_location: Text | None = None
    """File with the certificates (PEM) that a broker's certificate must lead to; absent: those
    of the system."""
    ssl_certificate_location: Text | None = None
    """File with our own certificate (PEM), where the broker asks for one."""
    ssl_key_location: Text | None = None
    """File with the key (PEM, without passphrase) of our own certificate."""

    def librdkafka(self) -> dict[str, str]:
        """Give what every librdkafka client needs to reach the brokers, by librdkafka's names.

        It holds the secrets in the clear: hand it to a client, never to a log.
        """
        config = {"bootstrap.servers": self.bootstrap_servers}
        for key in type(self).model_fields:
            value: str | SecretStr | None = getattr(self, key)
            if value is not None and key.startswith(("security_", "sasl_", "ssl_")):
                text = value.get_secret_value() if isinstance(value, SecretStr) else value
                config[key.replace("_", ".")] = text
        return config
