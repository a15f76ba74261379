"""The conferences that an agent is the focus of, and which URIs mean them (RFC 4579 §3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LocalProtocolError, ParseError
from ..message import NameAddr, Uri, parse_uri, unescape

if TYPE_CHECKING:
    from .config import AgentConfig

__all__ = ["Foci"]


class Foci:
    """Finds a conference by its URI, and by the Contact of its calls, which names a host of ours.

    Args:
        config: The agent's.
    """

    __slots__ = ("_by_user", "_count", "_max", "_own_hosts")

    def __init__(self, config: AgentConfig) -> None:
        contact = NameAddr.parse(config.contact).uri
        hosts = [contact.host] if isinstance(contact, Uri) else []
        hosts += [host for host, _ in config.sent_by.values()]
        hosts += [address.host for address in config.own_addresses]
        self._own_hosts = frozenset([_plain(host) for host in hosts])
        self._max = config.max_foci
        self._by_user: dict[str, dict[str, str]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def open(self, uri: str) -> None:
        """Be the focus of a conference from now on.

        Raises:
            LocalProtocolError: It is no SIP URI, there is a conference already, or there are too many.
        """
        user, host = _place_of(uri) or _refuse(f"{uri!r} cannot be the URI of a conference")
        if host in self._by_user.get(user, ()):
            _refuse(f"there is a conference at {uri} already")
        if self._count >= self._max:
            _refuse(f"there are {self._max} conferences already")
        self._by_user.setdefault(user, {})[host] = uri
        self._count += 1

    def close(self, uri: str) -> None:
        """Be its focus no more; one that is unknown is no error."""
        user, host = _place_of(uri) or ("", "")
        hosts = self._by_user.get(user, {})
        if hosts.pop(host, None) is not None:
            self._count -= 1
            if not hosts:
                del self._by_user[user]

    def find(self, uri: str) -> str:
        """Return the URI of the conference that a URI means, empty when it means none."""
        user, host = _place_of(uri) or ("", "")
        hosts = self._by_user.get(user, {})
        if host in hosts or host not in self._own_hosts:
            return hosts.get(host, "")
        return next(iter(hosts.values()), "")


def _plain(host: str) -> str:
    return host.strip("[]").lower()


def _place_of(uri: str) -> tuple[str, str] | None:
    """Return user and host of a SIP URI; how it is reached is not what it means."""
    try:
        parsed = parse_uri(uri)
    except ParseError:
        return None
    return (unescape(parsed.user or ""), _plain(parsed.host)) if isinstance(parsed, Uri) else None


def _refuse(why: str) -> tuple[str, str]:
    raise LocalProtocolError(why)
