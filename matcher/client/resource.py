"""What the groups of operations have in common: a connection, and lists that come in pages."""

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import BaseModel, TypeAdapter

from matcher.client.connection import Connection, Query
from matcher.client.paging import Listing

T = TypeVar("T", bound=BaseModel)

PAGE = 200
"""Entries that are asked for at once."""


class Page(BaseModel, Generic[T]):
    """Some of a list, and the cursor of what follows."""

    items: list[T]
    next: str | None = None


class Resource:
    """A group of operations on a connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _whole(self, kind: type[T], operation: str, *path: str, query: Query | None = None) -> Listing[T]:
        """A list that comes at once; each iteration asks again."""
        whole: TypeAdapter[list[T]] = TypeAdapter(list[kind])  # type: ignore[valid-type]  # a class at run time

        def fetch(_cursor: str | None) -> tuple[list[T], str | None]:
            answer = self._connection.call(operation, *path, query=query)
            return whole.validate_json(answer.content), None

        return Listing(operation.removeprefix("list_").replace("_", " "), fetch)

    def _listing(self, kind: type[T], operation: str, *path: str, query: Query | None = None) -> Listing[T]:
        """The whole of a list, fetched page by page when it is iterated."""
        page = Page[kind]  # type: ignore[valid-type]  # a class at run time

        def fetch(cursor: str | None) -> tuple[list[T], str | None]:
            asked = {**(query or {}), "limit": PAGE, "cursor": cursor}
            found = self._connection.read(page, operation, *path, query=asked)
            return found.items, found.next

        return Listing(operation.removeprefix("list_").replace("_", " "), fetch)
