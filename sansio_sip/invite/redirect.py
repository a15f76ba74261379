"""Where a redirected call goes next (RFC 3261 §8.1.3.4, §21.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dialog.route import as_request_uri
from ..errors import ParseError
from ..headers import RetryAfter
from ..message import NameAddr, TelUri, Uri, parse_uri, uris_equal
from ..outbound import Way

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..message import AnyUri, Response

__all__ = ["Targets", "retry_after_of"]

_NOT_FOLLOWED = frozenset({305, 380})
_MAX_TARGETS = 32
_FLOW_FAILED = 430


class Targets:
    """The targets of one call in the order in which they are tried; each is tried once.

    Args:
        called: URI of the callee.
        max_redirects: How many redirections are followed.
        ways: Where the callee is, in the order in which to try them; without any, at its URI.

    Attributes:
        way: The present target.
    """

    __slots__ = ("_left", "_secure", "_tried", "_waiting", "way")

    def __init__(self, called: str, max_redirects: int, ways: Sequence[Way] = ()) -> None:
        self.way, *waiting = ways or (Way(uri=called),)
        self._left = max_redirects
        self._secure = called.lower().startswith("sips:")
        self._tried: list[str] = [self.way.uri]
        self._waiting = waiting[: _MAX_TARGETS - 1]

    def failed(self, response: Response) -> None:
        """Take the answer of the present target: a redirection, or the word of a phone for all ways to it.

        Only a flow that failed, which an edge proxy says, leaves the others (RFC 5626 §5.3.1).
        """
        if response.status_code < 400:
            self._add(response)
        elif response.status_code != _FLOW_FAILED and (instance := self.way.instance):
            self._waiting = [way for way in self._waiting if way.instance != instance]

    def _add(self, response: Response) -> None:
        """Take the Contacts of a 3xx, the highest q first; they come before those that are left."""
        if not self._left or response.status_code in _NOT_FOLLOWED:
            return
        self._left -= 1
        try:
            contacts = sorted(response.contacts, key=_q, reverse=True)
        except ParseError:
            return
        found = [Way(uri=as_request_uri(each.uri)) for each in contacts if self._may_follow(each.uri)]
        self._waiting = [*found, *self._waiting][:_MAX_TARGETS]

    def next(self) -> Way | None:
        """Return the next target that was not tried yet, or ``None``."""
        while self._waiting and len(self._tried) < _MAX_TARGETS:
            way = self._waiting.pop(0)
            # One contact may have been registered by several flows.
            if way.flow is not None or not any(_equal(way.uri, tried) for tried in self._tried):
                self._tried.append(way.uri)
                self.way = way
                return way
        return None

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
