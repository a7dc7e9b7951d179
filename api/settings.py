"""What the service is told from outside: environment variables that begin with ``MATCHER_``, and their defaults."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SECURE: Final = r"^(https://[^\s?#]+|http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/[^\s?#]*)?)$"
"""https, save on this machine."""


class Settings(BaseSettings):
    """Everything that can be configured; ``docs/deployment.md`` lists it for people.

    With nothing set, the service keeps its database in ``matcher.sqlite`` of the working folder and solves on this
    machine.
    """

    model_config = SettingsConfigDict(env_prefix="MATCHER_", extra="ignore", frozen=True)

    database_url: SecretStr = Field(
        SecretStr("sqlite:///matcher.sqlite"),
        description="SQLAlchemy's URL: sqlite:///FILE or postgresql+psycopg://…; may hold a password.",
    )
    cluster: SecretStr | None = Field(None, description="A Dask scheduler on which large runs are spread.")
    solvers: Annotated[int, Field(ge=0, le=64)] = Field(
        1, description="Runs that one `serve` solves at a time; 0: only `matcher worker` processes solve."
    )
    run_workers: Annotated[int, Field(ge=1, le=256)] = Field(1, description="Worker processes of one run.")
    run_memory_mb: Annotated[int, Field(ge=256)] = Field(
        16_384, description="Memory of one run's process, MB."
    )
    run_seconds: Annotated[int, Field(ge=1)] = Field(
        3_600, description="Longest time limit that a run may ask for."
    )
    lease_seconds: Annotated[float, Field(ge=0.5)] = Field(
        15.0, description="A worker that has not been heard of for so long is taken for dead."
    )
    upload_bytes: Annotated[int, Field(ge=1_000)] = Field(
        100_000_000, description="Largest body of an upload."
    )
    body_bytes: Annotated[int, Field(ge=1_000)] = Field(
        1_000_000, description="Largest body of any other request."
    )
    requests_per_minute: Annotated[int, Field(ge=1)] = Field(
        3_000, description="Requests of one key (or, without one, of one address) in a minute."
    )
    logins_per_minute: Annotated[int, Field(ge=1)] = Field(
        30, description="Log-in attempts of one address in a minute."
    )
    request_seconds: Annotated[float, Field(gt=0)] = Field(
        60.0, description="After so long a request is given up, unless it has taken effect."
    )
    work_seconds: Annotated[float, Field(gt=0)] = Field(
        600.0,
        description="The same for requests that read, check, freeze or audit whole tables.",
    )
    upload_seconds: Annotated[float, Field(gt=0)] = Field(
        600.0, description="Longest time that the body of an upload may take to arrive."
    )
    key_days: Annotated[int, Field(ge=1, le=3_650)] = Field(
        90, description="Days for which a new key is valid."
    )
    session_hours: Annotated[int, Field(ge=1, le=720)] = Field(
        12, description="Hours for which a log-in is valid."
    )
    retention_days: Annotated[int, Field(ge=1)] = Field(
        3_650,
        description="Days after its end for which a round is kept, where the round does not say otherwise.",
    )
    public_url: Annotated[str, Field(pattern=r"^https?://[^\s?#]+$")] | None = Field(
        None,
        description="Where clients reach the service, for links and log-in redirects; https switches HSTS on.",
    )
    metrics_token: SecretStr | None = Field(
        None,
        description="A token that opens `/metrics` and nothing else; without it, the key of an admin does.",
    )
    oidc_issuer: Annotated[str, Field(pattern=SECURE)] | None = Field(
        None, description="The identity provider's issuer URL; switches log-in through it on."
    )
    oidc_client_id: str | None = Field(
        None, description="What the service is called at the identity provider."
    )
    oidc_client_secret: SecretStr | None = Field(
        None, description="The service's secret at the identity provider."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="DEBUG, INFO, WARNING or ERROR."
    )
    scratch: Path | None = Field(None, description="Folder for a run's working files; default: the system's.")

    @model_validator(mode="after")
    def _oidc_is_whole(self) -> Self:
        if self.oidc_issuer and not (self.oidc_client_id and self.oidc_client_secret and self.public_url):
            raise ValueError("oidc_issuer needs oidc_client_id, oidc_client_secret and public_url")
        return self

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a file."""
        return self.database_url.get_secret_value().startswith("sqlite")


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
