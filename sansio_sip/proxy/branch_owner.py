"""What a branch tells the response context that it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ..message import Request, Response
    from ..transaction.schedule import Timed
    from .targets import Target

__all__ = ["BranchOwner"]


class BranchOwner(Protocol):
    """The response context, as its branches see it."""

    def branch_provisional(self, response: Response) -> None:
        """A provisional response other than 100 came."""

    def branch_success(self, response: Response) -> None:
        """A 2xx came."""

    def branch_failure(self, tried: Request, response: Response) -> None:
        """A final response from 300 on came to the request that was sent."""

    def branch_failed(self, status_code: int) -> None:
        """Something happened that counts like a final response with this status."""

    def try_instead(self, target: Target) -> bool:
        """A target cannot be reached: whether it has a spare, which is tried then."""
        ...

    def branch_changed(self, branch: Timed) -> None:
        """A transaction event or timer of the branch has been worked off."""
