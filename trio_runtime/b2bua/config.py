"""What a back-to-back user agent does with the calls that go through it."""

from __future__ import annotations

import attrs

from trio_runtime.b2bua.headers import HeaderPolicy
from trio_runtime.base.validation import between, choice, part

__all__ = ["B2buaConfig"]


@attrs.frozen(kw_only=True)
class B2buaConfig:
    """How calls are passed on; the rest is `CoordinatorConfig`.

    Attributes:
        headers: Which header fields pass.
        caller: Whom the callee sees: ``pass`` shows the caller's own address, ``own`` that of the
            coordinator. The account that a `Leg` names goes before both.
        transfers: What becomes of a REFER: ``follow`` makes the new call here, so that each side keeps its
            one call with us; ``pass`` sends it on to the other side, whose phone has to do it (but for an
            attended one, which names a call of ours); ``refuse`` is 603, and 403 for who wants the place of
            another call.
        ring_time: Seconds that each target may ring where a `Leg` says nothing else.
        route_timeout: Seconds that `route` may take; then the call gets 500.
    """

    headers: HeaderPolicy = attrs.field(factory=HeaderPolicy, validator=part(HeaderPolicy))
    caller: str = attrs.field(default="pass", validator=choice("pass", "own"))
    transfers: str = attrs.field(default="follow", validator=choice("follow", "pass", "refuse"))
    ring_time: float = attrs.field(default=180.0, validator=between(0.1, 600, " s"))
    route_timeout: float = attrs.field(default=10.0, validator=between(0.001, 30, " s"))
