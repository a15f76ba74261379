"""Which of a user's contacts are tried, and in which order, as the caller prefers (RFC 3841 §7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import attrs

from ..errors import ParseError
from ..headers import (
    ContactPreference,
    EventType,
    FeatureSet,
    FeatureValue,
    RequestDisposition,
    accepted_contacts,
    rejected_contacts,
)
from .targets import Reply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..message import Request
    from .targets import Routing, Target

__all__ = ["forbids_recursion", "prefer_targets"]

_Ordered: TypeAlias = "list[tuple[tuple[float, float], Target]]"
_HEADERS = ("accept-contact", "reject-contact", "request-disposition")


def prefer_targets(request: Request, targets: Sequence[Target], *, redirect: bool = False) -> Routing:
    """Leave out and order targets as the caller prefers.

    Targets without capabilities are never left out. Those that remain keep the order of their q; among
    equals the ones that fit better go first. The result's q values only say which are tried together.

    Args:
        request: The request, with its Accept-Contact, Reject-Contact and Request-Disposition; without the
            first two its method and event package count (§7.2.2).
        targets: Targets with their capabilities in ``params``.
        redirect: Whether a caller that asks to be redirected learns the addresses of the targets.

    Returns:
        The targets, or an answer: 302 for a caller that wants one, 400 when its wishes cannot be read.
    """
    if not targets or not (any(target.params for target in targets) or any(map(request.get, _HEADERS))):
        return targets
    try:
        ordered = _order(request, targets)
        wishes = RequestDisposition.of(request)
    except ParseError as error:
        return Reply(400, reason=f"Bad {(error.header or 'caller preferences').title()}")
    if wishes.proxy is False and redirect and ordered:
        return _redirection(ordered)
    if wishes.fork is False:
        return [target for _, target in ordered[:1]]
    if wishes.parallel is True:
        return [attrs.evolve(target, q=1.0) for _, target in ordered]
    if wishes.parallel is False:
        ordered = [((float(-place), 0.0), target) for place, (_, target) in enumerate(ordered)]
    return _ranked(ordered)


def forbids_recursion(request: Request) -> bool:
    """Return whether the caller wants to see a 3xx itself (§9.1)."""
    try:
        return RequestDisposition.of(request).recurse is False
    except ParseError:
        return False


def _order(request: Request, targets: Sequence[Target]) -> _Ordered:
    accepted, rejected = accepted_contacts(request), rejected_contacts(request)
    implied = request.get("accept-contact") is None and request.get("reject-contact") is None
    if implied:
        accepted = (_implied(request),)
    scored = [(_score(target, accepted, rejected), target) for target in targets]
    kept = [((target.q, score), target) for score, target in scored if score is not None]
    if not kept and implied:
        # Nobody asked for this: the 405 or 489 of a phone says more than our 480 would (§7.2.4).
        kept = [((target.q, 1.0), target) for target in targets]
    return sorted(kept, key=lambda item: item[0], reverse=True)


def _implied(request: Request) -> ContactPreference:
    features = [("sip.methods", (FeatureValue.token(request.method),))]
    if request.method == "SUBSCRIBE":
        event = EventType.of(request)
        if event is not None:
            features.append(("sip.events", (FeatureValue.token(event.package),)))
    return ContactPreference(FeatureSet.of(features), required=True)


def _score(
    target: Target, accepted: tuple[ContactPreference, ...], rejected: tuple[ContactPreference, ...]
) -> float | None:
    """Return how well a target fits, from 0 to 1, or None when it is left out (§7.2.4)."""
    try:
        contact = FeatureSet.of_params(target.params)
    except ParseError:
        contact = FeatureSet()  # the phone's fault, for which no caller shall miss it
    if not contact:
        return 1.0
    if any(_says_all(contact, rule) and contact.matches(rule.features) for rule in rejected):
        return None
    scores: list[float] = []
    for rule in accepted:
        fits = contact.matches(rule.features)
        share = contact.share_named(rule.features)
        if rule.required and (not fits or (rule.explicit and share < 1)):
            return None
        if fits:
            scores.append(0.0 if rule.explicit and share < 1 else share)
    return sum(scores) / len(scores) if scores else 0.0


def _says_all(contact: FeatureSet, rule: ContactPreference) -> bool:
    return all(contact.get(tag) for tag, _ in rule.features.tags)


def _ranked(ordered: _Ordered) -> list[Target]:
    """Give equal targets one q and the others less, in their order."""
    ranks = {key: place for place, key in enumerate(dict.fromkeys([key for key, _ in ordered]))}
    return [attrs.evolve(target, q=1.0 - ranks[key] / len(ranks)) for key, target in ordered]


def _redirection(ordered: _Ordered) -> Reply:
    """Answer with the targets, without their capabilities, which would be weighed twice (§7.2.4)."""
    values = [f"<{target.uri}>;q={target.q:.3f}" for target in _ranked(ordered)]
    return Reply(302, (("Contact", ", ".join(values)),))
