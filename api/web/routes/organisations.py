"""Organisations: hosting and sending partners by their codes."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self

from fastapi import APIRouter, status
from pydantic import BaseModel, Field

from api.access import people
from api.errors import Missing
from api.store.schema import Organisation
from api.web.context import TheCaller, TheOnce, TheStore
from api.web.inputs import Code, CodePath, Name, Sent
from api.web.paging import Page, TheWindow, page_by
from api.web.problems import documented

router = APIRouter(prefix="/v1/organisations", tags=["organisations"])


class NewOrganisation(Sent):
    """A partner to be made."""

    id: Code
    kind: Literal["host", "sender"]
    name: Name


class Renaming(Sent):
    """Another name for a partner."""

    name: Name


class OrganisationInfo(BaseModel):
    """A partner."""

    id: str = Field(examples=["h01"])
    kind: Literal["host", "sender"]
    name: str = Field(examples=["Agency of Lisbon"])
    created_at: datetime = Field(examples=["2026-03-01T09:00:00Z"])

    @classmethod
    def of(cls, organisation: Organisation) -> Self:
        """Of a partner in the store."""
        return cls.model_validate(organisation, from_attributes=True)


@router.get("", operation_id="list_organisations", summary="List organisations")
def list_organisations(caller: TheCaller, store: TheStore, window: TheWindow) -> Page[OrganisationInfo]:
    """The organisations that the caller may know of, by code; for hosts and senders, their own."""
    with store.reading() as session:
        query = people.organisations_known_to(caller, "list_organisations")
        return page_by(session, query, Organisation.id, window, OrganisationInfo.of)


@router.post(
    "",
    operation_id="create_organisation",
    summary="Make an organisation",
    status_code=status.HTTP_201_CREATED,
    response_model=OrganisationInfo,
    responses=documented(409),
)
def create_organisation(wanted: NewOrganisation, caller: TheCaller, once: TheOnce) -> object:
    """A hosting or sending partner; its code is the id that it has in the tables of rounds, and never changes."""
    with once.writing() as session:
        made = people.add_organisation(session, caller.login, wanted.id, wanted.kind, wanted.name)
        return once.answer(session, OrganisationInfo.of(made), 201)


@router.get("/{organisation_id}", operation_id="get_organisation", summary="One organisation")
def get_organisation(organisation_id: CodePath, caller: TheCaller, store: TheStore) -> OrganisationInfo:
    """A partner by its code; for hosts and senders, their own."""
    with store.reading() as session:
        query = people.organisations_known_to(caller, "get_organisation")
        found = session.scalar(query.where(Organisation.id == organisation_id))
        if found is None:
            raise Missing
        return OrganisationInfo.of(found)


@router.patch("/{organisation_id}", operation_id="update_organisation", summary="Rename an organisation")
def update_organisation(
    organisation_id: CodePath, wanted: Renaming, caller: TheCaller, store: TheStore
) -> OrganisationInfo:
    """Another name for a partner."""
    with store.writing() as session:
        found = people.rename_organisation(session, caller.login, organisation_id, wanted.name)
        return OrganisationInfo.of(found)
