"""What the transaction layer tells its users."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ..machine import Endpoint
    from ..message import Request, Response

__all__ = [
    "AckReceived",
    "FailureResponse",
    "ProvisionalResponse",
    "RequestReceived",
    "StrayResponse",
    "SuccessResponse",
    "TransactionEvent",
    "TransactionKey",
    "TransactionTerminated",
    "TransactionTimedOut",
    "TransportFailed",
]

TransactionKey = tuple[str | int, ...]
"""Opaque name of a transaction, made of what RFC 3261 §17.1.3 and §17.2.3 match on."""


class RequestReceived(NamedTuple):
    """A request that opened a new server transaction."""

    key: TransactionKey
    request: Request
    source: Endpoint


class AckReceived(NamedTuple):
    """An ACK for a 2xx: it belongs to no transaction (RFC 3261 §17.2.3)."""

    request: Request
    source: Endpoint


class ProvisionalResponse(NamedTuple):
    """A 1xx."""

    key: TransactionKey
    response: Response


class SuccessResponse(NamedTuple):
    """A 2xx; for INVITE one event for each that arrives, repeats included (RFC 6026 §7.2)."""

    key: TransactionKey
    response: Response


class FailureResponse(NamedTuple):
    """A final response from 300 to 699, once."""

    key: TransactionKey
    response: Response


class StrayResponse(NamedTuple):
    """A response that matches no transaction."""

    response: Response
    source: Endpoint


class TransactionTimedOut(NamedTuple):
    """Timer B, F or H fired; for a client the same as a 408 (RFC 3261 §8.1.3.1)."""

    key: TransactionKey


class TransportFailed(NamedTuple):
    """The message could not be sent; for a client the same as a 503 (RFC 3261 §8.1.3.1)."""

    key: TransactionKey
    cause: str


class TransactionTerminated(NamedTuple):
    """The transaction is gone; the last event with this key."""

    key: TransactionKey


TransactionEvent = (
    RequestReceived
    | AckReceived
    | ProvisionalResponse
    | SuccessResponse
    | FailureResponse
    | StrayResponse
    | TransactionTimedOut
    | TransportFailed
    | TransactionTerminated
)
