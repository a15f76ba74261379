"""A call as plain values that can be stored as JSON, and a call that goes on from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dialog import SnapshotReader, dialog_from_dict, dialog_to_dict
from ..errors import LocalProtocolError
from .leg import Leg
from .offer_answer import OfferAnswer
from .restored import RestoredCall
from .session_timer import SessionTimer
from .snapshot_media import agreement_from_dict, agreement_to_dict
from .states import InviteState
from .transfers import Transfers

if TYPE_CHECKING:
    from ..dialog import Snapshot
    from .session import InviteSession

__all__ = ["call_to_dict", "restore_call"]

_KIND = "call"
_VERSION = 1


def _require_quiet(call: InviteSession) -> None:
    """Refuse a snapshot of what other machines than the call's own have begun."""
    busy = [c for c in call.concerns if c.deadline is not None and not isinstance(c, SessionTimer)]
    if call.state is not InviteState.ESTABLISHED or call.negotiation.is_open:
        raise LocalProtocolError(f"a call in {call.state.name} cannot be taken down")
    if call.negotiation.passes:
        raise LocalProtocolError("what passes through the call is known to another one as well")
    if busy or call.transactions_open:
        raise LocalProtocolError("something is under way in the call; take it down later")


def call_to_dict(call: InviteSession, now: float, epoch: float = 0.0) -> Snapshot:
    """Return an established call as plain values; the call itself goes on.

    Nothing may be under way: no INVITE of the last 64·T1, no offer, no transfer, no request without
    its answer. Passwords are not part of it; the counts of nonces are.

    Args:
        call: The call.
        now: Current time in seconds.
        epoch: Wall time at ``now`` 0, so that the timers can go on in another process.

    Raises:
        LocalProtocolError: The call is not established, or something is under way.
    """
    _require_quiet(call)
    leg, transfers = call.require_leg(), call.concern(Transfers)
    timer = call.session_timer
    return {
        "kind": _KIND,
        "version": _VERSION,
        "taken_at": epoch + now,
        "session": call.session,
        "dialog": dialog_to_dict(leg.dialog),
        "owner": leg.owner,
        "peer_allows": list(leg.peer_allows),
        "peer_is_focus": leg.peer_is_focus,
        "peer_packages": [] if leg.info is None else list(leg.info.remote),
        "session_id": leg.negotiation.session_id,
        "agreed": agreement_to_dict(leg.negotiation.agreed),
        "timer": None if timer is None else timer.to_dict(epoch),
        "refers_started": 0 if transfers is None else transfers.started,
        "refers_received": 0 if transfers is None else transfers.received,
        "nonces": [
            {"realm": realm, "nonce": nonce, "count": count}
            for realm, nonce, count in call.challenges.nonce_counts
        ],
    }


def restore_call(call: RestoredCall, data: object, epoch: float = 0.0) -> None:
    """Let a new call go on where a snapshot was taken: it gives the same outputs for the same inputs.

    Args:
        call: A call without a past, with the name in the snapshot.
        data: The snapshot.
        epoch: Wall time at ``now`` 0.

    Raises:
        LocalProtocolError: The values are no call of a known version.
    """
    read = SnapshotReader(data)
    read.check_version(_KIND, _VERSION)
    negotiation = OfferAnswer(read.number("session_id"))
    if read.has("agreed"):
        negotiation.agreed = agreement_from_dict(read.part("agreed"))
        negotiation.rollback()  # to this
    packages = call.config.info_packages
    leg = Leg(dialog_from_dict(read.part("dialog")), negotiation, owner=read.flag("owner"), packages=packages)
    if leg.dialog.id in call.registry:
        raise LocalProtocolError("there is a call with this dialog already")
    leg.peer_allows = read.texts("peer_allows")
    leg.peer_is_focus = read.knows("peer_is_focus") and read.flag("peer_is_focus")
    peer_packages = read.texts("peer_packages")
    if leg.info is not None:
        leg.info.remote = peer_packages
    call.challenges.restore_nonces(
        [(item.text("realm"), item.text("nonce"), item.number("count")) for item in read.parts("nonces")]
    )
    if read.has("timer"):
        call.restore_timer(read.part("timer"), epoch)
    started, received = read.number("refers_started"), read.number("refers_received")
    if started:
        transfers = Transfers(call)
        transfers.started, transfers.received = started, received
        call.add_concern(transfers)
    call.resume(leg)
