"""Whether a registration is one of a flow (RFC 5626 §6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..message import NameAddr, Uri
from .refusal import Refusal
from .values import read_seconds

if TYPE_CHECKING:
    from ..message import Request

__all__ = ["instance_id", "reg_id", "registers_flow"]


def instance_id(contact: NameAddr) -> str:
    """Return the instance ID of a Contact without its brackets, or nothing."""
    return (contact.param("+sip.instance") or "").strip().removeprefix("<").removesuffix(">")


def reg_id(contact: NameAddr) -> int | None:
    """Return the ``reg-id`` of a Contact; one without an instance ID or out of range does not count."""
    number = read_seconds(contact.param("reg-id"), 0)
    return number if 0 < number < 2**31 and instance_id(contact) else None


def registers_flow(request: Request, times: list[int]) -> bool:
    """Return whether outbound is applied to a REGISTER.

    Args:
        request: The request.
        times: Seconds that each of its Contact values asks for.

    Raises:
        Refusal: The first hop lacks support (439), or several contacts share one flow (400).
    """
    contacts = request.contacts
    if not any(reg_id(contact) is not None for contact in contacts):
        return False
    if not _first_hop_supports(request):
        if "outbound" in request.supported:
            raise Refusal(439, "the first hop lacks outbound support")
        return False
    if sum(seconds > 0 for seconds in times) > 1:
        raise Refusal(400, "a flow is registered for one contact only")
    return True


def _first_hop_supports(request: Request) -> bool:
    """Return whether the phone is connected to us, or to an edge proxy that keeps its flow."""
    if len(request.values("via")) == 1:
        return True
    path = request.values("path")
    # "The first URI" of §6 is the topmost as written, and the edge's own, the lowest, as meant.
    ends = [NameAddr.parse(value, "path").uri for value in {*path[:1], *path[-1:]}]
    return any(isinstance(uri, Uri) and uri.param("ob") is not None for uri in ends)
