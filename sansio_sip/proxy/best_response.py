"""Which of many final responses goes upstream (RFC 3261 §16.7 items 6 and 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..message import Response

__all__ = ["aggregate_challenges", "choose_best"]

# First what the caller can do something about (§16.7 item 6), last what only tells of one branch's way.
_PREFERRED = (401, 407, 415, 420, 484)
_LAST = frozenset({408, 440, 481, 482, 483, 487})
_CHALLENGES = frozenset({"www-authenticate", "proxy-authenticate"})


def choose_best(responses: Sequence[Response], *, invite: bool) -> Response | None:
    """Return the best of the final responses, the earliest of equals; None when there is none.

    A 6xx wins over all, else the lowest class. A 408 is never an answer to another request than INVITE
    (RFC 4320 §4.2), and a 503 is worse than any other 5xx.

    Args:
        responses: Final responses from 300 on, in the order in which they came.
        invite: Whether the request is an INVITE.
    """
    usable = [response for response in responses if invite or response.status_code != 408]
    return min(usable, key=_rank, default=None)


def _rank(response: Response) -> tuple[int, int]:
    status = response.status_code
    kind = status // 100
    if kind == 6:
        return 0, 0
    if kind == 4:
        return 4, _PREFERRED.index(status) if status in _PREFERRED else 98 + (status in _LAST)
    return kind, int(status == 503)


def aggregate_challenges(best: Response, responses: Sequence[Response]) -> Response:
    """Return a 401 or 407 with the challenges of all others; another response as it is (item 7).

    Args:
        best: The response that goes upstream.
        responses: All final responses of the context.
    """
    if best.status_code not in (401, 407):
        return best
    merged = best.copy()
    for other in responses:
        if other is not best and other.status_code in (401, 407):
            merged.fields += [field for field in other.fields if field[0] in _CHALLENGES]
    return merged
