"""The compose file of docs/deployment.md: what it names exists, here and within itself. Nothing is started for it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from api.settings import Settings
from matcher.cli.app import app
from tests.test_docs import blocks

PREFIX = "MATCHER_"


@pytest.fixture
def compose(root: Path) -> dict[str, Any]:
    """The only YAML of the page, read."""
    (text,) = blocks((root / "docs" / "deployment.md").read_text(encoding="utf-8"), "yaml")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def ours(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The services that run this project's image."""
    return {name: one for name, one in compose["services"].items() if one["image"] == "placement-matcher"}


def script_of(service: dict[str, Any]) -> list[list[str]]:
    """The commands of a service's shell, in words, as the shell gets them: compose turns ``$$`` into ``$``."""
    shell, flag, script = service["command"]
    assert (shell, flag) == ("sh", "-c")
    script = re.sub(r"\$\$", "$", script)
    assert "$" not in re.sub(r"\$\(cat [\w/]+\)", "", script), "compose would put a variable of its own there"
    quoted = re.sub(r"\$\((.*?)\)", lambda found: found[0].replace(" ", "\\ "), script)
    return [shlex.split(command) for command in quoted.split(";")]


def variables(service: dict[str, Any]) -> dict[str, str]:
    """What the environment of our program is, from the file and from the shell."""
    exported = [words[1].partition("=") for words in script_of(service) if words[0] == "export"]
    found: dict[str, str] = service["environment"]
    return found | {name: value for name, _, value in exported}


def test_every_command_and_option_exists(compose: dict[str, Any]) -> None:
    """The shell of each service ends by becoming the program, so that signals reach it; it takes these arguments."""
    group: Any = get_command(app)
    seen = set()
    for service in ours(compose).values():
        keyword, program, command, *arguments = script_of(service)[-1]
        assert (keyword, program) == ("exec", "matcher")
        seen.add(command)
        found: Any = group.commands[command]
        found.make_context(command, list(arguments), resilient_parsing=False)
    assert seen == {"serve", "worker"}


def test_every_variable_is_a_setting_with_a_valid_value(
    compose: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No variable of ours is unknown, and the settings take the values; all services share the database."""
    urls = set()
    for service in ours(compose).values():
        given = variables(service)
        names = {name.removeprefix(PREFIX).lower() for name in given if name.startswith(PREFIX)}
        assert names <= set(Settings.model_fields)
        with monkeypatch.context() as patch:
            for name, value in given.items():
                assert isinstance(value, str), f"{name}: YAML would make something else of it"
                patch.setenv(name, value)
            urls.add(Settings().database_url.get_secret_value())
    (url,) = urls
    database = compose["services"]["database"]["environment"]
    user, name = database["POSTGRES_USER"], database["POSTGRES_DB"]
    secret = database["POSTGRES_PASSWORD_FILE"]
    assert url == f"postgresql+psycopg://{user}:$(cat {secret})@database/{name}"


def test_what_services_refer_to_is_there(compose: dict[str, Any]) -> None:
    """Secrets, volumes and services are declared; who is waited for tells its health; one service builds the image."""
    services = compose["services"]
    for service in services.values():
        assert set(service.get("secrets", ())) <= set(compose["secrets"])
        assert {one.partition(":")[0] for one in service.get("volumes", ())} <= set(compose["volumes"])
        for other, condition in service.get("depends_on", {}).items():
            assert condition == {"condition": "service_healthy"}
            assert "healthcheck" in services[other]
        for mount in re.findall(r"/run/secrets/(\w+)", str(service)):
            assert mount in service["secrets"]
    assert [name for name, one in ours(compose).items() if "build" in one] == ["serve"]


def test_health_is_asked_where_it_is_told(compose: dict[str, Any], root: Path) -> None:
    """The check is Python, asks the port that is served, at a path that needs no key."""
    serve = compose["services"]["serve"]
    kind, program, flag, code = serve["healthcheck"]["test"]
    assert (kind, program, flag) == ("CMD", "python", "-c")
    compile(code, "healthcheck", "exec")
    command: Any = get_command(app)
    port = next(one for one in command.commands["serve"].params if one.name == "port").default
    assert f"http://127.0.0.1:{port}/readyz" in code
    assert serve["ports"] == [f"{port}:{port}"]


def test_the_image_has_the_service(root: Path, compose: dict[str, Any]) -> None:
    """The extra that is installed exists, and nothing runs as root."""
    (text,) = blocks((root / "docs" / "deployment.md").read_text(encoding="utf-8"), "dockerfile")
    lines = text.splitlines()
    (extra,) = re.findall(r"/build\[(\w+)\]", text)
    assert re.search(rf"^{extra} = \[", (root / "pyproject.toml").read_text(), re.MULTILINE)
    user = next(line.split()[1] for line in lines if line.startswith("USER"))
    assert f"useradd --create-home {user}" in text
    assert user != "root"
