"""A REFER outside of any dialog: what it wants, and what is reported of it (RFC 3515 §2.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..errors import LocalProtocolError
from ..headers import EventType, ReferTo, refer_sub_of
from ..message import SIPFRAG_TYPE, Uri, build_sipfrag
from .admission import Admission, AdmissionRefused
from .event_state import FixedState
from .package import REFER

if TYPE_CHECKING:
    from ..message import Request

__all__ = ["ReferRequested", "Referral", "admit_referral", "referral_report"]


@attrs.frozen
class Referral:
    """What a REFER wants of us.

    Attributes:
        refer_to: Whom to contact, and how.
        referred_by: The sender's Referred-By as it stands, empty when there is none; nothing proves it.
        silent: Whether the sender wants no reports (RFC 4488).
        admission: The subscription that it gets.
    """

    refer_to: ReferTo
    referred_by: str
    silent: bool
    admission: Admission

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """Header fields for the request to send, Referred-By and Replaces among them."""
        by = (("Referred-By", self.referred_by),) if self.referred_by else ()
        return (*self.refer_to.headers, *by)


@attrs.frozen
class ReferRequested:
    """Somebody asks us outside of any call to contact somebody; it waits for a decision, but not for long.

    It is a subscription to us as well, to what becomes of the wish (RFC 3515 §2.4.4).

    Attributes:
        subscription: Name of the subscription in every verb and event.
        referral: What is wanted.
        request: The REFER.
        username: Whose password the sender knows, empty when nobody asked.
    """

    subscription: str
    referral: Referral
    request: Request
    username: str = ""


def admit_referral(request: Request) -> Referral:
    """Return what a REFER wants.

    Raises:
        AdmissionRefused: It refers to something else than SIP (416).
        ParseError: There is not exactly one Refer-To, or a header cannot be read (400).
    """
    refer_to = ReferTo.of(request)
    if not isinstance(refer_to.uri, Uri) and refer_to.uri.scheme.lower() != "tel":
        raise AdmissionRefused("nothing but SIP can be referred to", 416)
    silent = not refer_sub_of(request)
    # The first REFER of a dialog, which this one makes, needs no id (§2.4.6).
    admission = Admission(EventType(REFER.name, ""), REFER, REFER.default_expires)
    return Referral(refer_to, request.get("referred-by") or "", silent, admission)


def referral_report(status_code: int, reason: str = "") -> FixedState:
    """Return the state of a REFER: how far the request is that was sent for it (§2.4.5).

    Args:
        status_code: Status of that request, 100 when it has none yet.
        reason: Its phrase; that of the status when empty.

    Raises:
        LocalProtocolError: There is no such status, or the phrase cannot stand in a message.
    """
    if not 100 <= status_code <= 699:
        raise LocalProtocolError(f"there is no status {status_code}")
    return FixedState(f"{SIPFRAG_TYPE};version=2.0", build_sipfrag(status_code, reason, ()))
