"""What a routing function may answer, made into what the proxy takes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

import attrs

from sansio_sip.proxy import Reply, Routing, Target
from trio_runtime.proxy.request import ProxyRequest

__all__ = ["RouteAnswer", "RouteFunction", "routing_of"]

RouteAnswer: TypeAlias = Reply | str | Target | Sequence[str | Target | Sequence[str | Target]]
"""One target; or several that are tried at the same time; or groups of such, tried one after the other; or
none, which is 480; or an answer of the proxy itself, such as ``Reply(404)``."""

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
    return [
        attrs.evolve(_target(each), q=max(0.0, 1.0 - place * _STEP))
        for place, group in enumerate(groups)
        for each in group
    ]


def _target(value: object) -> Target:
    if isinstance(value, Target):
        return value
    if not isinstance(value, str):
        raise TypeError(f"a target is a URI or a Target, not {value!r}")
    return Target(uri=value)
