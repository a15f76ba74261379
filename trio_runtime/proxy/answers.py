"""What a routing function may answer, made into what the proxy takes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

import attrs

from sansio_sip.proxy import Reply, Routing, Target
from trio_runtime.proxy.request import ProxyRequest

__all__ = ["RouteAnswer", "RouteFunction", "routing_of", "to_registered"]

RouteAnswer: TypeAlias = Reply | str | Target | Sequence[str | Target | Sequence[str | Target]]
"""One target; or several that are tried at the same time, those of a lower q later; or groups of such, tried
one after the other; or none, which is 480; or an answer of the proxy itself, such as ``Reply(404)``."""

RouteFunction: TypeAlias = Callable[[ProxyRequest], RouteAnswer | Awaitable[RouteAnswer]]
"""Decides where a request goes; plain functions must not block."""

_STEP = 0.001  # q has three digits (RFC 3261 §25.1), so this many groups can be told apart


def routing_of(answer: object) -> Routing:
    """Return what the proxy takes.

    Args:
        answer: What `route` gave; see `RouteAnswer`.

    Raises:
        TypeError: It is nothing of that kind.
        ValueError: A target is no URI.
    """
    if isinstance(answer, Reply):
        return answer
    if isinstance(answer, str | Target):
        return [_target(answer)]
    if not isinstance(answer, Sequence):
        raise TypeError(f"route gave {answer!r}, and no target, list of targets or Reply")
    if not any(isinstance(each, Sequence) and not isinstance(each, str) for each in answer):
        return [_target(each) for each in answer]
    groups = [[each] if isinstance(each, str | Target) else each for each in answer]
    return _one_after_the_other([[_target(each) for each in group] for group in groups])


def _one_after_the_other(groups: Sequence[Sequence[Target]]) -> list[Target]:
    """Give each group a q of its own, and within it each q, so that the order of all stays."""
    places = [(group, q) for group in groups for q in sorted({target.q for target in group}, reverse=True)]
    return [
        attrs.evolve(target, q=max(0.0, 1.0 - place * _STEP))
        for place, (group, q) in enumerate(places)
        for target in group
        if target.q == q
    ]


def to_registered(request: ProxyRequest) -> RouteAnswer:
    """Send a request to where the called user is registered: what a proxy does without a routing function.

    404 is for who is no user, 480 for a user without a phone. OPTIONS to the domain itself, by which others
    see whether we live, is answered with 200 (RFC 3261 §11).
    """
    if request.method == "OPTIONS" and not request.user:
        return Reply(200)
    return request.registered() or Reply(480 if request.is_for_a_user else 404)


def _target(value: object) -> Target:
    if isinstance(value, Target):
        return value
    if not isinstance(value, str):
        raise TypeError(f"a target is a URI or a Target, not {value!r}")
    return Target(uri=value)
