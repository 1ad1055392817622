"""Say which requests go wrong, and how: the document of an armed fault."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

FaultKind = Literal[
    "status",
    "delay",
    "reset_before",
    "reset_after_apply",
    "half_body",
    "malformed_json",
    "apply_partially",
    "re_enable",
]


class FaultMatch(BaseModel):
    """Which requests a fault meets; what is left out matches everything.

    `path` is a pattern in which `*` stands for any text, slashes included. `nth` is the n-th
    request that method and path match, `every` each n-th of them, `probability` a throw of a
    dice of its own that `seed` makes repeatable. All that are given must hold.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: str | None = None
    path: str = "*"
    nth: int | None = Field(default=None, ge=1)
    every: int | None = Field(default=None, ge=1)
    probability: float | None = Field(default=None, ge=0, le=1)
    seed: int = 0


class FaultAction(BaseModel):
    """What happens to a request that a fault meets.

    `status`, `headers` and `body` are the answer of kind `status` (without a body: the
    platform's error body of that status); with `apply` the request is carried out nevertheless.
    `status` also replaces the answer of `apply_partially`. `delay_ms` holds the answer back and
    goes with every kind.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: FaultKind
    status: int | None = Field(default=None, ge=200, le=599)
    headers: dict[str, str | int] = Field(default_factory=dict)
    body: JsonValue = None
    delay_ms: float = Field(default=0, ge=0)
    apply: bool = False


class FaultSpec(BaseModel):
    """One fault to arm; it disarms itself after `count` firings (absent: never)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    match: FaultMatch = FaultMatch()
    action: FaultAction
    count: int | None = Field(default=None, ge=1)


class LatencySpec(BaseModel):
    """How long every answer takes: `delay_ms` and up to `jitter_ms` more, evenly spread."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    delay_ms: float = Field(default=0, ge=0)
    jitter_ms: float = Field(default=0, ge=0)
    seed: int = 0
