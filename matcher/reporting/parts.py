"""What all parts of ``report.json`` have in common: frozen, and no key that is not written down."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A part of ``report.json``."""

    model_config = ConfigDict(frozen=True, extra="forbid")
