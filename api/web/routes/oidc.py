"""Log in through the identity provider: there and back. Where none is configured, these paths are not there (404)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Cookie, Query, Request, Response, status
from fastapi.responses import RedirectResponse
from sqlalchemy import select

from api.access import logins
from api.errors import Forbidden, Missing
from api.settings import Settings
from api.store.schema import User
from api.web.context import TheSettings, TheStore
from api.web.problems import documented
from api.web.routes.keys import ShownKey

if TYPE_CHECKING:
    from api.access.oidc import Provider

router = APIRouter(prefix="/v1/oidc", tags=["who"])

COOKIE: Final = "matcher_oidc"
PATH: Final = "/v1/oidc"
STRANGER: Final = "There is no user here for this account."


def provider_of(request: Request, settings: Settings) -> Provider:
    """The identity provider. Raises ``Missing`` where none is configured."""
    if settings.oidc_issuer is None:
        raise Missing
    state = request.app.state
    if getattr(state, "oidc", None) is None:
        from api.access.oidc import Provider  # noqa: PLC0415 - an extra: only needed where it is configured

        assert settings.oidc_client_id is not None
        assert settings.oidc_client_secret is not None
        secret = settings.oidc_client_secret.get_secret_value()
        back = f"{(settings.public_url or '').rstrip('/')}{PATH}/callback"
        state.oidc = Provider(settings.oidc_issuer, settings.oidc_client_id, secret, back)
    provider: Provider = state.oidc
    return provider


@router.get(
    "/login",
    operation_id="oidc_begin",
    summary="Go to the identity provider",
    status_code=status.HTTP_303_SEE_OTHER,
    response_class=RedirectResponse,
    responses=documented(404),
)
def oidc_begin(request: Request, settings: TheSettings) -> RedirectResponse:
    """Send a browser to the identity provider, which sends it back to `/v1/oidc/callback`."""
    url, cookie = provider_of(request, settings).begin()
    response = RedirectResponse(url, status.HTTP_303_SEE_OTHER)
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=600,
        path=PATH,
        secure=(settings.public_url or "").startswith("https:"),
        httponly=True,
        samesite="lax",
    )
    return response


@router.get(
    "/callback",
    operation_id="oidc_finish",
    summary="Come back from the identity provider",
    responses=documented(403, 404),
)
def oidc_finish(
    request: Request,
    response: Response,
    store: TheStore,
    settings: TheSettings,
    state: Annotated[
        str, Query(max_length=200, description="As it was sent.", examples=["af0ifjsldkj"])
    ] = "",
    code: Annotated[
        str, Query(max_length=4_000, description="The provider's code.", examples=["SplxlOBeZQQYbYS6WxSbIA"])
    ] = "",
    matcher_oidc: Annotated[
        str,
        Cookie(
            max_length=4_000, description="What `/v1/oidc/login` set.", examples=["eyJhbGciOiJIUzI1NiJ9…"]
        ),
    ] = "",
) -> ShownKey:
    """A token that is valid for some hours, for the user whose subject the provider names."""
    provider = provider_of(request, settings)
    response.delete_cookie(COOKIE, path=PATH)
    if not code:
        raise Forbidden("The identity provider did not let the user in.")
    subject = provider.finish(code, state, matcher_oidc)
    with store.writing() as session:
        user = session.scalar(select(User).where(User.subject == subject))
        if user is None or user.disabled_at is not None:
            raise Forbidden(STRANGER)
        key, secret = logins.begin_session(session, user.id, timedelta(hours=settings.session_hours))
        return ShownKey.with_secret(key, secret)
