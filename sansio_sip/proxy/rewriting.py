"""Changes of header fields that keep order and everything else (RFC 3261 §16.6 item 1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..auth.challenge import parse_auth_params
from ..errors import ParseError
from ..message import Request, Response, split_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..message import Field

__all__ = [
    "pushed_routes",
    "with_uri",
    "without_credentials",
    "without_first",
    "without_first_via",
    "without_last",
]


def without_first(fields: Sequence[Field], key: str) -> list[Field]:
    """Return fields without the first element of a list header.

    Raises:
        ParseError: The list cannot be split.
    """
    return _without(fields, key, range(len(fields)), 0)


def without_last(fields: Sequence[Field], key: str) -> list[Field]:
    """Return fields without the last element of a list header.

    Raises:
        ParseError: The list cannot be split.
    """
    return _without(fields, key, reversed(range(len(fields))), -1)


def _without(fields: Sequence[Field], key: str, order: Iterable[int], which: int) -> list[Field]:
    for index in order:
        other, name, value = fields[index]
        elements = split_list(value, key) if other == key else []
        if elements:
            del elements[which]
            rest = [(key, name, ", ".join(elements))] if elements else []
            return [*fields[:index], *rest, *fields[index + 1 :]]
    return list(fields)


def without_credentials(request: Request, realm: str) -> Request:
    """Return a request without the answers to our own challenges, which are no business of who gets it.

    With one in hand the next one could guess at the password for as long as it likes (RFC 3261 §20, table 3).

    Args:
        request: The request; it is not changed.
        realm: Our realm.
    """
    kept = [field for field in request.fields if not _answers(field, realm)]
    return request if len(kept) == len(request.fields) else with_uri(request, request.uri, kept)


def _answers(field: Field, realm: str) -> bool:
    if field[0] != "proxy-authorization":
        return False
    try:
        _, params = parse_auth_params(field[2], "proxy-authorization")
    except ParseError:
        return False
    return params.get("realm") == realm


def without_first_via(response: Response) -> Response:
    """Return a copy of a response without its topmost Via (§16.7 item 3)."""
    return Response(
        response.status_code, response.reason, without_first(response.fields, "via"), response.body
    )


def with_uri(request: Request, uri: str, fields: Sequence[Field] | None = None) -> Request:
    """Return a copy of a request with another Request-URI, and other fields when they are given."""
    return Request(request.method, uri, request.fields if fields is None else fields, request.body)


def pushed_routes(request: Request, routes: Sequence[str]) -> None:
    """Put Route values above those that a request has (§16.6 item 6)."""
    for route in reversed(routes):
        request.insert_first("Route", route)
