"""Who takes part in a round: organisations, and the coordinators and analysts who are its members."""

from __future__ import annotations

from fastapi import APIRouter, Response, status
from pydantic import BaseModel, Field

from api.rounds import registry
from api.rounds.visibility import the_round
from api.web import problems
from api.web.context import TheCaller, TheStore
from api.web.fields import Login, OrganisationId, RoundId

router = APIRouter(prefix="/v1/rounds/{round_id}", tags=["rounds"])


class ParticipantInfo(BaseModel):
    """An organisation that takes part."""

    id: str = Field(examples=["ccis"])
    kind: str = Field(examples=["sender"])
    name: str = Field(examples=["Chamber of Commerce"])


class MemberInfo(BaseModel):
    """A coordinator or analyst of the round."""

    login: str = Field(examples=["ana"])
    role: str = Field(examples=["coordinator"])


@router.get("/participants", operation_id="list_participants")
def list_participants(round_id: RoundId, caller: TheCaller, store: TheStore) -> list[ParticipantInfo]:
    """The organisations that take part, by code."""
    with store.reading() as session:
        found = registry.participants(session, the_round(session, caller, round_id))
        return [ParticipantInfo.model_validate(one, from_attributes=True) for one in found]


@router.put(
    "/participants/{organisation_id}",
    operation_id="add_participant",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems.documented(409),
)
def add_participant(
    round_id: RoundId, organisation_id: OrganisationId, caller: TheCaller, store: TheStore
) -> Response:
    """Let an organisation take part: it sees the round, and loads its tables. Again: nothing changes."""
    with store.writing() as session:
        registry.add_participant(
            session, caller, the_round(session, caller, round_id, lock=True), organisation_id
        )
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.delete(
    "/participants/{organisation_id}",
    operation_id="remove_participant",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems.documented(409),
)
def remove_participant(
    round_id: RoundId, organisation_id: OrganisationId, caller: TheCaller, store: TheStore
) -> Response:
    """Let an organisation take part no more; its rows have to be removed before."""
    with store.writing() as session:
        registry.remove_participant(
            session, caller, the_round(session, caller, round_id, lock=True), organisation_id
        )
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.get("/members", operation_id="list_members")
def list_members(round_id: RoundId, caller: TheCaller, store: TheStore) -> list[MemberInfo]:
    """The round's coordinators and analysts, by login."""
    with store.reading() as session:
        found = registry.members(session, the_round(session, caller, round_id))
        return [MemberInfo.model_validate(one, from_attributes=True) for one in found]


@router.put("/members/{login}", operation_id="add_member", status_code=status.HTTP_204_NO_CONTENT)
def add_member(round_id: RoundId, login: Login, caller: TheCaller, store: TheStore) -> Response:
    """Make a coordinator or analyst a member of the round. Again: nothing changes."""
    with store.writing() as session:
        registry.add_member(session, caller, the_round(session, caller, round_id, lock=True), login)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.delete(
    "/members/{login}",
    operation_id="remove_member",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems.documented(409),
)
def remove_member(round_id: RoundId, login: Login, caller: TheCaller, store: TheStore) -> Response:
    """Take a coordinator or analyst out of the round; never the last coordinator."""
    with store.writing() as session:
        registry.remove_member(session, caller, the_round(session, caller, round_id, lock=True), login)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
