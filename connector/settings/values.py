"""Kinds of values that settings hold, each with a refusal that says what to write instead.

Every kind is an `Annotated` type, so that one key can be judged without its neighbours: a file
with four mistakes gets four lines, not the first one. No refusal repeats what was written, for
a secret that landed behind the wrong key would stand in a log.
"""

import ipaddress
import math
import re
from typing import Annotated, Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, SecretStr, WithJsonSchema
from pydantic_core import PydanticCustomError

MINUTE = 60.0
HOUR = 60 * MINUTE
DAY = 24 * HOUR
SPAN_UNITS = {"ms": 0.001, "s": 1.0, "m": MINUTE, "h": HOUR, "d": DAY}
_SPAN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?\s*", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}", re.ASCII)
_PLATFORM_ID = re.compile(r"[A-Za-z0-9_.-]{1,100}", re.ASCII)
# Kafka: 249 characters for a topic; our longest suffix is "-lead-state-changelog".
_APPLICATION_ID = re.compile(r"[A-Za-z0-9._-]{1,200}", re.ASCII)
_TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}", re.ASCII)
_PORT_MAX = 65535


def refusal(text: str) -> PydanticCustomError:
    """Make the error by which a validator refuses a value; *text* follows the path."""
    return PydanticCustomError("refused", "{text}", {"text": text})


def parse_span(value: object) -> float:
    """Read a span: `500ms`, `45s`, `10m`, `72h`, `30d` or a number of seconds.

    Returns:
        Seconds.

    Raises:
        PydanticCustomError: it is none of these, or negative, or endless.
    """
    if isinstance(value, str) and (match := _SPAN.fullmatch(value)):
        return float(match[1]) * SPAN_UNITS[match[2] or "s"]
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = float(value)
        if math.isfinite(seconds) and seconds >= 0:
            return seconds
    raise refusal("must be a span such as 500ms, 45s, 10m, 72h, 30d, or a number of seconds")


def span_text(seconds: float) -> str:
    """Write *seconds* with the largest unit that divides them: 86400 becomes `1d`."""
    for unit in ("d", "h", "m", "s"):
        count = seconds / SPAN_UNITS[unit]
        if count >= 1 and count == int(count):
            return f"{int(count)}{unit}"
    return f"{seconds * 1000:g}ms" if seconds else "0s"


def at_least(shortest: str) -> AfterValidator:
    """Refuse a span below *shortest*, itself written as a span."""
    floor = parse_span(shortest)

    def judge(seconds: float | None) -> float | None:
        if seconds is not None and seconds < floor:
            raise refusal(f"must be at least {shortest}")
        return seconds

    return AfterValidator(judge)


def at_most(longest: str) -> AfterValidator:
    """Refuse a span above *longest*, itself written as a span."""
    ceiling = parse_span(longest)

    def judge(seconds: float) -> float:
        if seconds > ceiling:
            raise refusal(f"must be at most {longest}")
        return seconds

    return AfterValidator(judge)


Span: TypeAlias = Annotated[
    float,
    BeforeValidator(parse_span),
    PlainSerializer(span_text, return_type=str),
    WithJsonSchema({"type": "string", "format": "span"}),
]


def _plain_number(value: object) -> object:
    """Refuse true and false where a number is asked for; Python counts them as 1 and 0."""
    if isinstance(value, bool):
        raise refusal("must be a number, not true or false")
    return value


Count: TypeAlias = Annotated[int, BeforeValidator(_plain_number)]
Number: TypeAlias = Annotated[float, BeforeValidator(_plain_number)]


def within(lowest: int, highest: int) -> AfterValidator:
    """Refuse a number outside *lowest* .. *highest*, both allowed."""

    def judge(number: float) -> float:
        if not lowest <= number <= highest:
            raise refusal(f"must be between {lowest:,} and {highest:,}")
        return number

    return AfterValidator(judge)


def _filled(text: str) -> str:
    if not text.strip():
        raise refusal("must not be empty")
    return text


Text: TypeAlias = Annotated[str, AfterValidator(_filled)]


def _filled_secret(secret: SecretStr) -> SecretStr:
    if not secret.get_secret_value().strip():
        raise refusal("must not be empty")
    return secret


Secret: TypeAlias = Annotated[SecretStr, AfterValidator(_filled_secret)]


def _matching(pattern: re.Pattern[str], rule: str) -> AfterValidator:
    def judge(text: str) -> str:
        if not pattern.fullmatch(text):
            raise refusal(rule)
        return text

    return AfterValidator(judge)


PlatformId: TypeAlias = Annotated[
    str,
    _matching(_PLATFORM_ID, "must be an id of the platform: letters, digits, '-', '_' and '.'"),
]
ApplicationId: TypeAlias = Annotated[
    str,
    _matching(
        _APPLICATION_ID,
        "must be 1 to 200 letters, digits, '.', '_' or '-': topics are named by it",
    ),
]
TopicName: TypeAlias = Annotated[
    str, _matching(_TOPIC, "must be the name of a topic: letters, digits, '.', '_' and '-'")
]


def name_problem(name: str) -> str | None:
    """Say what is wrong with the NAME of a `[lists.NAME]` or `[sources.NAME]`, or None.

    Names become metric labels and scopes of brakes, where `all` and `topic/partition` have a
    meaning already.
    """
    if name == "all":
        return "the name all means every list to the brakes; choose another"
    if not _NAME.fullmatch(name):
        return "a name has 1 to 64 letters, digits, spaces, '.', '_' or '-'"
    return None


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host = None
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not host:
        raise refusal("must be an address that begins with https:// or http://")
    if parts.username is not None or parts.password is not None:
        raise refusal("must not carry a name or password; there are keys for them")
    if parts.query or parts.fragment:
        raise refusal("must end with the path; leave out what follows '?' or '#'")
    return text.rstrip("/")


Url: TypeAlias = Annotated[str, AfterValidator(_url)]


def _proxy(secret: SecretStr) -> SecretStr:
    try:
        parts = urlsplit(secret.get_secret_value())
        known = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise refusal("must be an address such as http://proxy.example.com:3128")
    return secret


ProxyUrl: TypeAlias = Annotated[SecretStr, AfterValidator(_proxy)]


def split_address(text: str) -> tuple[str, int]:
    """Take `host:port` apart; an IPv6 host stands in brackets.

    Raises:
        ValueError: it is not of that form.
    """
    host, colon, port = text.strip().rpartition(":")
    bare = host.removeprefix("[").removesuffix("]")
    if not colon or not bare or (":" in bare) != host.startswith("["):
        raise ValueError("not host:port")
    if any(c.isspace() or c in "/@[]" for c in bare) or not (port.isascii() and port.isdigit()):
        raise ValueError("not host:port")
    number = int(port)
    if number > _PORT_MAX:
        raise ValueError("no such port")
    return bare, number


def is_loopback(address: str) -> bool:
    """Tell whether `host:port` can be reached from this machine only."""
    host, _ = split_address(address)
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _address(text: str) -> str:
    try:
        split_address(text)
    except ValueError:
        raise refusal("must be host:port, such as 127.0.0.1:8080") from None
    return text.strip()


Address: TypeAlias = Annotated[str, AfterValidator(_address)]


def _addresses(text: str) -> str:
    try:
        ports = [split_address(each)[1] for each in text.split(",")]
    except ValueError:
        ports = [0]
    if 0 in ports:
        raise refusal("must be host:port, several with commas between them")
    return ",".join(each.strip() for each in text.split(","))


Addresses: TypeAlias = Annotated[str, AfterValidator(_addresses)]

Scalar: TypeAlias = bool | int | float | str


def _scalars(value: object) -> tuple[Scalar, ...]:
    """Take a list of texts, numbers and booleans as it is: `true` stays apart from `"true"`."""
    if not isinstance(value, list | tuple):
        raise refusal('must be a list, such as ["a", "b"] or [true]')
    if not value:
        raise refusal("must name at least one value")
    if not all(isinstance(each, bool | int | float | str) for each in value):
        raise refusal("must hold texts, numbers, true or false only")
    return tuple(value)


Scalars: TypeAlias = Annotated[tuple[Scalar, ...], BeforeValidator(_scalars)]
Match: TypeAlias = dict[str, Scalars]
Encoding: TypeAlias = Literal["avro", "json"]
