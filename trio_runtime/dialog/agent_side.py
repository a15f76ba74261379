"""What each part of a coordinator that speaks to the agent stands on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from trio_runtime.base.environment import Environment
    from trio_runtime.dialog.endpoint import SipEndpoint

__all__ = ["AgentSide"]


class AgentSide:
    """Speaks to the agent of an endpoint that is open by the time it is asked to.

    Args:
        environment: Clock, and randomness.
        endpoint: Gives the open endpoint.
    """

    def __init__(self, environment: Environment, endpoint: Callable[[], SipEndpoint]) -> None:
        self._now = environment.clock.now
        self._endpoint = endpoint
