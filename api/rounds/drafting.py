"""What a round is told: the content of ``round.toml`` and ``rates.toml``, judged by the engine's own intake.

Coordinators send either the files as they are, or the same as JSON; what is stored is TOML, so that a round that is
downloaded is the folder that `matcher solve` reads.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from api.errors import Wrong
from matcher.intake import SettingsExamination, examine_settings, round_toml
from models.policy import Policy

HEAD: Final = ("id", "name", "call_year", "budget_eur")
"""The keys of ``round.toml`` beside the format and the policy."""

_LINE: Final = re.compile(r"[^\x00-\x1f\x7f]{0,255}")
"""TOML can say what JSON is not asked for: PostgreSQL stores no NUL, and the column has its width."""

_NOT_IN_PATHS: Final = re.compile(r"[/\\?#%\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Told:
    """The texts to be stored, and what the engine reads in them."""

    settings: str
    rates: str | None
    found: SettingsExamination

    @property
    def id(self) -> str:
        """The round's id."""
        assert self.found.settings.id is not None, "settings without errors have an id"
        return self.found.settings.id

    @property
    def name(self) -> str:
        """The round's name; where none is given, its id."""
        return self.found.settings.name or self.id


def told(settings: str, rates: str | None) -> Told:
    """Settings as they are to be stored. Raises ``Wrong`` with everything that the engine finds."""
    found = examine_settings(_bytes(settings), None if rates is None else _bytes(rates))
    if found.errors:
        count = len(found.errors)
        detail = f"{count} error{'s' if count > 1 else ''} in the settings."
        raise Wrong(detail, found.errors, found.warnings)
    made = Told(settings, rates, found)
    if not _LINE.fullmatch(made.name):
        raise Wrong("The round's name is one line of at most 255 characters.")
    return made


def as_toml(head: Mapping[str, Any], policy: Mapping[str, Any]) -> str:
    """``round.toml`` of JSON. Raises ``Wrong`` for what TOML cannot say."""
    try:
        return round_toml(head, {key: value for key, value in policy.items() if value is not None})
    except TypeError as error:
        raise Wrong("The policy holds null where a value is expected.") from error
    except (RecursionError, ValueError) as error:
        raise Wrong("The policy is nested too deeply, or holds what is no text.") from error


def changed(settings: str, changes: Mapping[str, Any]) -> str:
    """``round.toml`` with some keys changed (``None``: taken out); ``policy`` is replaced as a whole."""
    content = tomllib.loads(settings)
    policy = changes.get("policy", content.get("policy", {}))
    head = {key: changes[key] if key in changes else content.get(key) for key in HEAD}
    return as_toml(head, policy or {})


def policy_of(settings: str) -> Policy:
    """The policy that stored settings state."""
    found = examine_settings(settings.encode()).settings.policy
    return found if found is not None else Policy()


def _bytes(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise Wrong("The settings hold what is no Unicode text.") from error


def insist_on_path(round_id: str) -> None:
    """Raise ``Wrong`` for an id that the contract allows and no path of a URL can hold."""
    if _NOT_IN_PATHS.search(round_id) or round_id in {".", ".."}:
        raise Wrong("The round's id stands in addresses: it may not hold / \\ ? # % or control characters.")
