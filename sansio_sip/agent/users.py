"""Who has to be looked at after an event of a transaction was handed out."""

from __future__ import annotations

from ..invite import DialogRequest
from ..subscribe import UsageRequest

__all__ = ["settled_user"]


def settled_user(user: object) -> object:
    """Return the usage behind whoever heard of a transaction: a request belongs to its usage."""
    return user.owner if isinstance(user, (DialogRequest, UsageRequest)) else user
