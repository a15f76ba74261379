"""What becomes of a request inside a call, other than BYE (RFC 3261 §12.2.2, §14.2, RFC 3311, RFC 3262)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from ..errors import ProtocolError
from ..info import InfoNegotiation
from .ends import Failed
from .events import InfoReceived
from .modify import Modifier
from .offer_server import OfferServer
from .referring import receive_notify, receive_refer, receive_subscribe
from .reinvite_server import ReinviteServer
from .reliable import ReliableResponses
from .states import InviteState

if TYPE_CHECKING:
    from ..message import Request
    from ..transaction import TransactionKey
    from .call_base import CallBase
    from .leg import Leg
    from .negotiation import Description

__all__ = ["IN_CALL", "answer_in_call"]

_Handler: TypeAlias = "Callable[[CallBase, Leg, TransactionKey, Request], None]"

_OF_OTHERS = frozenset({"NOTIFY", "PRACK", "SUBSCRIBE"})
"""Methods of what may outlive the call: its INVITE, its REFERs."""

_NO_PACKAGES = InfoNegotiation()

_UNANSWERED = (InviteState.RECEIVED, InviteState.RINGING, InviteState.HELD)


def answer_in_call(call: CallBase, leg: Leg, key: TransactionKey, request: Request) -> None:
    """Answer a request of any method but BYE on a leg of a call.

    Raises:
        ParseError: A header or the description cannot be read.
    """
    handler = _handler_of(call, request.method)
    if handler is None:
        call.respond(key, request, 405, (("Allow", call.config.allow),))
    elif call.over and request.method not in _OF_OTHERS:
        call.respond(key, request, 481)
    elif request.method in ("INVITE", "UPDATE") and (
        refusal := call.config.session_timer.refusal_of(request)
    ):
        call.respond(key, request, 422, refusal)
    else:
        handler(call, leg, key, request)


def _handler_of(call: CallBase, method: str) -> _Handler | None:
    """Return what answers a method; an INFO, which changes nothing of a call, may be taken by others."""
    others = _for_others(call, method) if method == "INFO" or method not in IN_CALL else None
    return others or IN_CALL.get(method)


def _for_others(call: CallBase, method: str) -> _Handler | None:
    taker = call.config.others(method)
    if taker is None:
        return None
    return lambda call, _leg, key, request: taker(call.session, key, request, call.now)


def _info(call: CallBase, leg: Leg, key: TransactionKey, request: Request) -> None:
    """Take an INFO; what is of a package that we did not ask for is refused (RFC 6086 §4.2.2)."""
    status, fields, package = (leg.info or _NO_PACKAGES).check(request)
    call.respond(key, request, status, fields)
    if status == 200:
        content_type = request.get("content-type") or ""
        call.out.events.append(InfoReceived(call.session, content_type, request.body, package))


def _options(call: CallBase, _leg: Leg, key: TransactionKey, request: Request) -> None:
    call.respond(key, request, 200, call.config.answer_fields)


def _put_off(call: CallBase, key: TransactionKey, request: Request) -> None:
    """Ask to try again within ten seconds (RFC 3261 §14.2, RFC 3311 §5.2)."""
    call.respond(key, request, 500, (("Retry-After", str(int(call.ids.uniform(0, 10)))),))


def _collides(call: CallBase, leg: Leg, key: TransactionKey, request: Request) -> bool:
    """Refuse a request with an offer while another one is open (RFC 3311 §5.2, RFC 6337 §4.3)."""
    negotiation = leg.negotiation
    if negotiation.answerable:
        call.respond(key, request, 491)
    elif negotiation.must_answer or not negotiation.begun:
        _put_off(call, key, request)
    else:
        return False
    return True


def _invite(call: CallBase, leg: Leg, key: TransactionKey, request: Request) -> None:
    """Take a re-INVITE, unless another INVITE is not through (RFC 3261 §14.2)."""
    ours = any(isinstance(concern, Modifier) and concern.inviting for concern in call.concerns)
    if call.state in _UNANSWERED or any(other.waiting for other in _offers(call)):
        _put_off(call, key, request)
    elif leg.early or ours or leg.negotiation.is_open:
        call.respond(key, request, 491)
    else:
        offer = leg.negotiation.read(request)
        ReinviteServer(call, leg, key, request, call.now).start(offer)


def _offers(call: CallBase) -> list[OfferServer]:
    return [concern for concern in call.concerns if isinstance(concern, OfferServer)]


def _update(call: CallBase, leg: Leg, key: TransactionKey, request: Request) -> None:
    """Take an UPDATE; without an offer it only refreshes the target (RFC 3311 §5.2)."""
    offer = leg.negotiation.read(request)
    if any(other.waiting and other.leg is leg for other in _offers(call)):
        _put_off(call, key, request)
    elif offer is None:
        leg.dialog.refresh_target(request)
        leg.learn_packages(request)
        timer = call.answer_timer(request, call.now)
        call.respond(key, request, 200, (*call.config.answer_to(request), *timer))
    elif not _collides(call, leg, key, request):
        OfferServer(call, leg, key, request, call.now).start(offer)


def _prack(call: CallBase, leg: Leg, key: TransactionKey, request: Request) -> None:
    """Take a PRACK and the answer or the offer that it may have (RFC 3262 §3, §5)."""
    reliable = call.concern(ReliableResponses)
    description = None if call.over else leg.negotiation.read(request)
    if reliable is None or not reliable.receive_prack(request, call.now):
        call.respond(key, request, 481)
    elif leg.negotiation.answerable and not call.over:
        _take_answer(call, leg, key, request, description)
    elif description is None:
        _accept_prack(call, leg, key, request)
    elif not _collides(call, leg, key, request):
        OfferServer(call, leg, key, request, call.now).start(description)
    call.settled(call.now)


def _accept_prack(call: CallBase, leg: Leg, key: TransactionKey, prack: Request) -> None:
    leg.learn_packages(prack)
    call.respond(key, prack, 200, call.config.info_fields(prack))


def _take_answer(
    call: CallBase, leg: Leg, key: TransactionKey, prack: Request, description: Description | None
) -> None:
    """Take the answer to the offer of a reliable response; without one there is no session yet."""
    _accept_prack(call, leg, key, prack)
    if description is None:
        leg.negotiation.rollback()
        return
    try:
        leg.negotiation.receive_answer(description)
    except ProtocolError as error:
        call.lose(Failed(str(error)))
    else:
        call.report_media(leg)


IN_CALL: dict[str, _Handler] = {
    "INFO": _info,
    "INVITE": _invite,
    "NOTIFY": receive_notify,
    "OPTIONS": _options,
    "PRACK": _prack,
    "REFER": receive_refer,
    "SUBSCRIBE": receive_subscribe,
    "UPDATE": _update,
}
"""What answers each method."""
