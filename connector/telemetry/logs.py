"""Set up logging: one stream, one form, for our own lines and those of the libraries."""

import logging
import sys
from typing import Literal, TextIO

import structlog
from structlog.typing import Processor

from connector.telemetry.redaction import redact

LogFormat = Literal["text", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]

QUIET = (
    "aiokafka",
    "asyncio",
    "connector.stream",  # what Faust says of our classes; our own lines go round it
    "faust",
    "httpcore",
    "httpx",
    "mode",
    "uvicorn",
)
"""Those that tell of each request or each rebalance at `info`: heard from `warning` on."""


def set_up(log_format: LogFormat, level: LogLevel, stream: TextIO | None = None) -> None:
    """Send all log lines to *stream* (standard error if None) as text or JSON.

    Replaces what was set up before. Every line passes the redaction, tracebacks included; they
    are printed without local variables, which would hold records.
    """
    target = sys.stderr if stream is None else stream
    threshold = logging.getLevelNamesMapping()[level.upper()]
    shared = _shared()
    structlog.configure(
        processors=[*shared, redact, _renderer(log_format, target)],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(file=target),
        cache_logger_on_first_use=False,
    )
    _route_libraries(shared, _renderer(log_format, target), threshold, target)


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]


def _renderer(log_format: LogFormat, target: TextIO) -> Processor:
    if log_format == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(
        colors=target.isatty(), exception_formatter=structlog.dev.plain_traceback
    )


def _route_libraries(
    shared: list[Processor], renderer: Processor, threshold: int, target: TextIO
) -> None:
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                redact,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(threshold)
    for name in QUIET:
        library = logging.getLogger(name)
        for below in (library, *_below(name)):
            below.handlers.clear()
            below.propagate = True
            below.setLevel(logging.NOTSET)
        library.setLevel(max(threshold, logging.WARNING))
    logging.captureWarnings(capture=True)


def _below(name: str) -> list[logging.Logger]:
    """Return the loggers under *name* that are there: what was set on them would go past us."""
    known = logging.root.manager.loggerDict
    return [
        logger
        for each, logger in tuple(known.items())
        if each.startswith(f"{name}.") and isinstance(logger, logging.Logger)
    ]
