"""What a request must pass before it is forwarded (RFC 3261 §16.3, RFC 5393 §4.2.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..message.names import is_token
from ..message.scalars import parse_number
from .branch_id import has_looped
from .targets import Reply

if TYPE_CHECKING:
    from ..machine import Endpoint
    from ..message import Request
    from .config import ProxyConfig
    from .identity import Identity
    from .targets import Authorizer

__all__ = ["incoming_breadth", "inspect"]

# An ACK cannot be challenged, and a CANCEL is let through with its request (§22.1, §22.3).
_NEVER_CHALLENGED = frozenset({"ACK", "CANCEL"})


def inspect(
    request: Request,
    source: Endpoint,
    mark: str,
    config: ProxyConfig,
    identity: Identity,
    authorize: Authorizer | None,
) -> Reply | None:
    """Return what refuses a request, in the order of §16.3, or None.

    Args:
        request: The request as it was received; its syntax has been checked.
        source: Where it came from.
        mark: Its `loop_mark`.
        config: What the proxy puts up with.
        identity: What names the proxy.
        authorize: Asks for credentials.

    Raises:
        ParseError: A header field that the checks need cannot be read.
    """
    if request.uri.partition(":")[0].lower() not in config.schemes:
        return Reply(416)
    if request.max_forwards == 0:
        return Reply(483)
    if has_looped(request, mark, identity):
        return Reply(482)
    unknown = [tag for tag in request.values("proxy-require") if tag.lower() not in config.options]
    if unknown and request.method != "CANCEL":
        # An option tag is a token; what is none, a quoted NUL among it, must not come back from us.
        named = [tag for tag in unknown if is_token(tag)]
        return Reply(420, (("Unsupported", ", ".join(named)),)) if named else Reply(400)
    if incoming_breadth(request, config) == 0:
        return Reply(440)
    if authorize is None or request.method in _NEVER_CHALLENGED:
        return None
    return authorize(request, source)


def incoming_breadth(request: Request, config: ProxyConfig) -> int:
    """Return how many branches at once a request may have (RFC 5393 §5.3.3).

    Raises:
        ParseError: Max-Breadth is no number.
    """
    value = request.get("max-breadth")
    if value is None:
        return config.max_breadth
    return min(parse_number(value, "max-breadth", 2**31 - 1), config.max_breadth)
