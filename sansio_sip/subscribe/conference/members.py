"""The users of a conference, their devices and their streams (RFC 4575 §5.6 to §5.8)."""

from __future__ import annotations

from enum import Enum, unique

import attrs

__all__ = [
    "ConferenceEndpoint",
    "ConferenceMedia",
    "ConferenceUser",
    "ElementState",
    "EndpointDialog",
    "EndpointStatus",
    "Occasion",
]


@unique
class ElementState(Enum):
    """How much an element tells (RFC 4575 §4.4)."""

    FULL = "full"
    PARTIAL = "partial"
    DELETED = "deleted"


@unique
class EndpointStatus(Enum):
    """How far an endpoint is in the conference (RFC 4575 §5.7.3)."""

    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    ON_HOLD = "on-hold"
    MUTED_VIA_FOCUS = "muted-via-focus"
    PENDING = "pending"
    ALERTING = "alerting"
    DIALING_IN = "dialing-in"
    DIALING_OUT = "dialing-out"
    DISCONNECTING = "disconnecting"


@attrs.frozen
class Occasion:
    """When and why something was done to an endpoint, and by whom (RFC 4575 §5.7.2, §5.7.5, §5.7.7).

    Attributes:
        when: Date and time as XML writes them, in UTC; empty when not told.
        reason: Words, or a Reason value.
        by: URI of who did it.
    """

    when: str = ""
    reason: str = ""
    by: str = ""


@attrs.frozen
class EndpointDialog:
    """The dialog of an endpoint with the focus (RFC 4575 §5.7.9)."""

    call_id: str
    from_tag: str
    to_tag: str
    display_text: str = ""


@attrs.frozen
class ConferenceMedia:
    """One media stream of an endpoint, or that a conference offers (RFC 4575 §5.8, §5.3.4).

    Attributes:
        id: Its key in the endpoint; of what a conference offers the label.
        type: ``audio``, ``video`` and so on.
        status: Direction as the participant sees it, such as ``sendrecv``; empty when not told.
        label: Label in SDP; empty when not told.
        src_id: SSRC that the endpoint sends with; empty when not told.
        display_text: Words for a human.
    """

    id: str
    type: str = ""
    status: str = ""
    label: str = ""
    src_id: str = ""
    display_text: str = ""


@attrs.frozen(kw_only=True)
class ConferenceEndpoint:
    """One device of a user (RFC 4575 §5.7).

    Attributes:
        entity: Its key in the user, such as the Contact URI.
        state: How much is told of it.
        status: How far it is in the conference; None when not told.
        display_text: Words for a human.
        referred: Who had it brought in.
        joining_method: ``dialed-in``, ``dialed-out``, ``focus-owner`` or empty.
        joining: When and why it joined.
        disconnection_method: ``departed``, ``booted``, ``failed``, ``busy`` or empty.
        disconnection: When and why it left.
        media: Its streams.
        dialog: Its dialog with the focus.
    """

    entity: str
    state: ElementState = ElementState.FULL
    status: EndpointStatus | None = None
    display_text: str = ""
    referred: Occasion | None = None
    joining_method: str = ""
    joining: Occasion | None = None
    disconnection_method: str = ""
    disconnection: Occasion | None = None
    media: tuple[ConferenceMedia, ...] = ()
    dialog: EndpointDialog | None = None


@attrs.frozen(kw_only=True)
class ConferenceUser:
    """One user of a conference (RFC 4575 §5.6).

    Attributes:
        entity: URI, the user's key.
        state: How much is told of the user.
        display_text: Name.
        roles: Such as ``participant``.
        endpoints: Devices.
    """

    entity: str
    state: ElementState = ElementState.FULL
    display_text: str = ""
    roles: tuple[str, ...] = ()
    endpoints: tuple[ConferenceEndpoint, ...] = ()
