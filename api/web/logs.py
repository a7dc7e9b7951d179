"""Logs as JSON, a line per event, on stderr: ids and numbers, never what people sent or are called."""

from __future__ import annotations

import logging
import sys

import structlog


def configure(level: str) -> None:
    """Write logs of this process from ``level`` on; what libraries log goes the same way."""
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(number, logging.INFO), force=True)
    logging.getLogger("uvicorn.access").disabled = True  # it writes paths and queries; ours writes operations
    for name in ("httpx2", "httpcore2", "sqlalchemy.engine"):
        logging.getLogger(name).setLevel(max(number, logging.WARNING))  # they write addresses and values
