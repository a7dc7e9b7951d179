"""The audit: is an allocation valid, and what is it worth? From the tables and the placements alone."""

from matcher.auditing.allocation import OPTION, Audit, audit
from matcher.auditing.files import FILE, read_placements, verify

__all__ = ["FILE", "OPTION", "Audit", "audit", "read_placements", "verify"]
