"""One published piece of event state (RFC 3903 §3, §6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..message import TelUri, Uri, parse_uri, unescape

if TYPE_CHECKING:
    from ..message import AnyUri

__all__ = ["Publication", "resource_of"]


@attrs.frozen
class Publication:
    """What one publisher says of a resource.

    Attributes:
        resource: The resource; see `resource_of`.
        package: Event package.
        etag: Entity-tag that names it; a new one after every PUBLISH.
        content_type: Media type of the state.
        body: The state.
        expires_at: Absolute time in seconds at which it is gone unless refreshed.
    """

    resource: str
    package: str
    etag: str
    content_type: str
    body: bytes
    expires_at: float


def resource_of(uri: AnyUri | str) -> str:
    """Return what URIs of the same resource share: user and host, without scheme and parameters.

    Raises:
        ParseError: The text is no URI.
    """
    parsed = parse_uri(uri) if isinstance(uri, str) else uri
    if isinstance(parsed, Uri):
        host = parsed.host.lower()
        return f"{unescape(parsed.user)}@{host}" if parsed.user else host
    return parsed.number if isinstance(parsed, TelUri) else parsed.rest.partition("?")[0]
