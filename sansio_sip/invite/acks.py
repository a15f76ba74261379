"""ACKs for 2xx: made by the call, kept, and sent again for each repeated 2xx (RFC 3261 §13.2.2.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .session_body import put_description

if TYPE_CHECKING:
    from ..dialog import Dialog
    from ..message import Request, Response
    from ..outbound import Outbound
    from .negotiation import Body

__all__ = ["Acknowledger"]

_CREDENTIALS = ("authorization", "proxy-authorization")


class _Ack(NamedTuple):
    request: Request
    next_hop: str


class Acknowledger:
    """Acknowledges the branches of one INVITE.

    Args:
        outbound: How the ACKs get out.
        max_branches: How many branches are acknowledged; a flood of forged ones stops there.
    """

    __slots__ = ("_acks", "_max_branches", "_outbound")

    def __init__(self, outbound: Outbound, max_branches: int) -> None:
        self._outbound = outbound
        self._max_branches = max_branches
        self._acks: dict[str, _Ack | None] = {}  # none yet where the answer is waited for

    def __bool__(self) -> bool:
        return bool(self._acks)

    def acknowledge(self, invite: Request, dialog: Dialog, answer: Body, now: float) -> None:
        """Send the ACK of a branch for the first time, with the credentials of the INVITE (§22.1)."""
        credentials = [(name, value) for key, name, value in invite.fields if key in _CREDENTIALS]
        ack = _Ack(dialog.ack(invite.cseq.number, credentials), dialog.next_hop)
        put_description(ack.request, answer)
        self._acks[dialog.remote_tag] = ack
        self._outbound.send(ack.request, None, now, ack.next_hop)

    def owe(self, dialog: Dialog) -> None:
        """Take note that a branch gets its ACK later; its repeated 2xx are waited out until then."""
        self._acks[dialog.remote_tag] = None

    def repeat(self, response: Response, now: float) -> bool:
        """Send the ACK of a branch again; False when the branch is new."""
        ack = self._acks.get(response.to_tag)
        if ack is not None:
            self._outbound.send(ack.request, None, now, ack.next_hop)
        return response.to_tag in self._acks

    @property
    def full(self) -> bool:
        """Whether no further branch is acknowledged."""
        return len(self._acks) >= self._max_branches
