"""What somebody wants to publish about: the makings of a PUBLISH (RFC 3903 §4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..dialog import build_standalone
from .event_state import FixedState

if TYPE_CHECKING:
    from ..ids import Ids
    from ..message import Request

__all__ = ["PublishOrder"]


@attrs.frozen(kw_only=True)
class PublishOrder:
    """A publication to keep.

    Attributes:
        uri: Request-URI: the resource.
        package: Event package.
        from_: From value without tag.
        to: To value; the resource when empty.
        expires: Seconds wanted.
        fields: More header fields, such as Route.
    """

    uri: str
    package: str
    from_: str
    to: str = ""
    expires: int = attrs.field(
        default=3_600, validator=[attrs.validators.ge(1), attrs.validators.le(2**32 - 1)]
    )
    fields: tuple[tuple[str, str], ...] = ()

    def raised(self, request: Request) -> PublishOrder:
        """Return the order with the interval that was accepted, where a 423 asked for a longer one."""
        asked = request.expires or 0
        return attrs.evolve(self, expires=asked) if asked > self.expires else self

    def build(self, ids: Ids, *, etag: str, state: FixedState | None, expires: int | None = None) -> Request:
        """Build one PUBLISH; which of the four it is follows from its parts (§4.1, table 1).

        Args:
            ids: Makes Call-ID and tag: there is no dialog.
            etag: Entity-tag of what is refreshed, modified or removed; empty at first.
            state: The state, None to leave it as it is.
            expires: Seconds in place of those of the order; 0 removes.

        Raises:
            LocalProtocolError: A value cannot stand in a message.
        """
        fields = [("Event", self.package), ("Expires", str(self.expires if expires is None else expires))]
        if etag:
            fields.append(("SIP-If-Match", etag))
        content_type, body = ("", b"") if state is None else (state.content_type, state.body)
        to = self.to or f"<{self.uri}>"
        return build_standalone(
            "PUBLISH", self.uri, self.from_, to, ids, (*fields, *self.fields), content_type, body
        )
