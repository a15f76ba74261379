"""Where a redirected call goes next (RFC 3261 §8.1.3.4, §21.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dialog.route import as_request_uri
from ..errors import ParseError
from ..headers import RetryAfter
from ..message import NameAddr, TelUri, Uri, parse_uri, uris_equal

if TYPE_CHECKING:
    from ..message import AnyUri, Response

__all__ = ["Targets", "retry_after_of"]

_NOT_FOLLOWED = frozenset({305, 380})
_MAX_TARGETS = 32


class Targets:
    """The targets of one call in the order in which they are tried; each is tried once.

    Args:
        first: Request-URI of the first INVITE.
        max_redirects: How many redirections are followed.
    """

    __slots__ = ("_left", "_secure", "_tried", "_waiting")

    def __init__(self, first: str, max_redirects: int) -> None:
        self._left = max_redirects
        self._secure = first.lower().startswith("sips:")
        self._tried: list[str] = [first]
        self._waiting: list[str] = []

    def add(self, response: Response) -> None:
        """Take the Contacts of a 3xx, the highest q first; they come before those that are left."""
        if not self._left or response.status_code in _NOT_FOLLOWED:
            return
        self._left -= 1
        try:
            contacts = sorted(response.contacts, key=_q, reverse=True)
        except ParseError:
            return
        found = [as_request_uri(contact.uri) for contact in contacts if self._may_follow(contact.uri)]
        self._waiting = [*found, *self._waiting][:_MAX_TARGETS]

    def next(self) -> str:
        """Return the next target that was not tried yet, or nothing."""
        while self._waiting and len(self._tried) < _MAX_TARGETS:
            uri = self._waiting.pop(0)
            if not any(_equal(uri, tried) for tried in self._tried):
                self._tried.append(uri)
                return uri
        return ""

    def _may_follow(self, uri: AnyUri) -> bool:
        # A call that was to be secure is not redirected to where it is not (§8.1.3.4).
        schemes = ("sips",) if self._secure else ("sip", "sips", "tel")
        return isinstance(uri, Uri | TelUri) and uri.scheme in schemes


def _q(contact: NameAddr) -> float:
    """Return the preference of a Contact; 1 when none or a damaged one is given (§20.10)."""
    try:
        return min(max(float(contact.param("q") or "1"), 0.0), 1.0)
    except ValueError:
        return 1.0


def _equal(one: str, other: str) -> bool:
    return one == other or uris_equal(parse_uri(one), parse_uri(other))


def retry_after_of(response: Response) -> int | None:
    """Return after how many seconds a refused call may be tried again, as far as it is said (§20.33)."""
    value = response.get("retry-after")
    try:
        return None if value is None else RetryAfter.parse(value).seconds
    except ParseError:
        return None
