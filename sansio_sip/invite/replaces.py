"""Calls that want the place of another call, or a place beside it (RFC 3891 §3, RFC 3911 §4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..errors import RemoteProtocolError
from ..headers import Join, Reason, Replaces
from .call_base import CallBase
from .ends import Replaced
from .states import InviteState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..dialog import DialogId
    from ..message import Request

__all__ = ["UNRELATED", "Relation", "relation_of"]

_CONFIRMED = (InviteState.ACCEPTED, InviteState.ESTABLISHED)


class Relation(NamedTuple):
    """What a new call has to do with one that we have.

    Attributes:
        replaced: The call whose place it wants.
        joined: The call that it wants to be added to.
    """

    replaced: CallBase | None = None
    joined: CallBase | None = None

    @property
    def sessions(self) -> tuple[str, str]:
        """The names of both, empty for none."""
        replaced, joined = self
        return "" if replaced is None else replaced.session, "" if joined is None else joined.session

    def take_over(self, by: str) -> None:
        """Shut the replaced call down, once the call named ``by`` is answered with a 2xx (RFC 3891 §3)."""
        if self.replaced is not None:
            reason = Reason("SIP", 200, "Replaced by another call")
            self.replaced.lose(Replaced(by), (("Reason", str(reason)),))


UNRELATED = Relation()
"""Most calls."""


def relation_of(request: Request, registry: Mapping[DialogId, object]) -> Relation:
    """Return what a new INVITE has to do with our calls.

    Args:
        request: An INVITE outside of any dialog.
        registry: All dialogs of the agent.

    Raises:
        RemoteProtocolError: The INVITE is to be refused: 400, 481, 486 or 603.
    """
    if request.get("replaces") is None and request.get("join") is None:
        return UNRELATED
    replaces, join = Replaces.of(request), Join.of(request)
    if replaces is not None and join is not None:
        raise RemoteProtocolError("Replaces and Join in one request")
    if replaces is not None:
        return Relation(replaced=_call_to_replace(replaces, registry))
    return UNRELATED if join is None else Relation(joined=_match(join, registry))


def _call_to_replace(replaces: Replaces, registry: Mapping[DialogId, object]) -> CallBase:
    call = _match(replaces, registry)
    if call.state in _CONFIRMED:
        if replaces.early_only:
            raise RemoteProtocolError("the call is answered already", status_hint=486)
    elif call.state is not InviteState.PROCEEDING:
        # A call that rings here was not started by us: another branch may still answer it (§3).
        raise RemoteProtocolError("an early dialog that we did not initiate", status_hint=481)
    return call


def _match(wanted: Replaces | Join, registry: Mapping[DialogId, object]) -> CallBase:
    """Find a call by Call-ID and both tags; a tag of 0 stands for none, too (RFC 3891 §6.1)."""
    found = {
        id(call): call
        for to_tag in _spellings(wanted.to_tag)
        for from_tag in _spellings(wanted.from_tag)
        if (call := registry.get((wanted.call_id, to_tag, from_tag))) is not None
    }
    calls = [call for call in found.values() if isinstance(call, CallBase)]
    if len(calls) != 1 or len(found) != 1 or not _runs_on(calls[0], wanted.from_tag):
        raise RemoteProtocolError("no such call, or more than one", status_hint=481)
    if calls[0].over:
        raise RemoteProtocolError("the call is over", status_hint=603)
    return calls[0]


def _spellings(tag: str) -> tuple[str, ...]:
    return ("0", "") if tag == "0" else (tag,)


def _runs_on(call: CallBase, remote_tag: str) -> bool:
    """Return whether a call runs on this leg, and not on the one that has won the race."""
    dialog = call.dialog
    early = call.state is InviteState.PROCEEDING
    return early or (dialog is not None and dialog.remote_tag in _spellings(remote_tag))
