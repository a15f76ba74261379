"""What somebody wants to subscribe to: the makings of a SUBSCRIBE (RFC 6665 §3.1, §4.1.2.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..dialog import build_standalone
from ..headers import EventType

if TYPE_CHECKING:
    from ..dialog import Dialog
    from ..ids import Ids
    from ..message import Request
    from .config import SubscribeConfig

__all__ = ["SubscribeOrder"]

_MAX_SECONDS = 2**32 - 1


@attrs.frozen(kw_only=True)
class SubscribeOrder:
    """A subscription to make, and to make again when it is lost.

    Attributes:
        uri: Request-URI: the resource.
        event: Package and parameters.
        from_: From value without tag.
        to: To value; the resource when empty.
        expires: Seconds wanted; 0 looks once (§4.4.3).
        accept: Value of Accept: the body types that can be read; empty for the package's own.
        fields: More header fields, such as Route.
        content_type: Media type of the body.
        body: A filter or what else the package has.
        resubscribe: Whether to subscribe again after a loss that the reason codes allow to mend.
    """

    uri: str
    event: EventType
    from_: str
    to: str = ""
    expires: int = attrs.field(
        default=3_600, validator=[attrs.validators.ge(0), attrs.validators.le(_MAX_SECONDS)]
    )
    accept: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    content_type: str = ""
    body: bytes = b""
    resubscribe: bool = True

    @property
    def fetch(self) -> bool:
        """Whether one look is all that is wanted."""
        return self.expires == 0

    def build(self, config: SubscribeConfig, ids: Ids) -> Request:
        """Build the first SUBSCRIBE, with a Call-ID and From tag never used before.

        Raises:
            LocalProtocolError: A value cannot stand in a message.
        """
        return build_standalone(
            "SUBSCRIBE",
            self.uri,
            self.from_,
            self.to or f"<{self.uri}>",
            ids,
            (*self._fields(config, self.expires), *self.fields),
            self.content_type,
            self.body,
        )

    def refresh(self, dialog: Dialog, config: SubscribeConfig, expires: int) -> Request:
        """Build a SUBSCRIBE inside the dialog, with the same Event as the first (§4.5.2)."""
        return dialog.request("SUBSCRIBE", self._fields(config, expires))

    def raised(self, request: Request) -> SubscribeOrder:
        """Return the order with the interval that was accepted, where a 423 asked for a longer one."""
        asked = request.expires or 0
        return attrs.evolve(self, expires=asked) if asked > self.expires else self

    def _fields(self, config: SubscribeConfig, expires: int) -> tuple[tuple[str, str], ...]:
        fields = (("Event", str(self.event)), ("Expires", str(expires)), *config.request_fields)
        return (*fields, ("Accept", self.accept)) if self.accept else fields
