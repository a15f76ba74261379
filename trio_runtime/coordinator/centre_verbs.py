"""What leads to a call centre: its agents and queues, and supervisors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trio_runtime.bridge import Supervision
from trio_runtime.coordinator.verbs import CoordinatorVerbs
from trio_runtime.queue import CallCentre

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trio_runtime.bridge import SupervisionMode
    from trio_runtime.queue import Locate, QueueAgent, QueueStore
    from trio_runtime.session import Call

__all__ = ["CentreVerbs"]


class CentreVerbs(CoordinatorVerbs):
    """The verbs of a `SessionCoordinator`, with those for call centres.

    Args:
        config: How it presents itself, listens and limits itself.
    """

    def open_call_centre(
        self,
        agents: Iterable[QueueAgent] = (),
        *,
        locate: Locate | None = None,
        store: QueueStore | None = None,
    ) -> CallCentre:
        """Return a call centre, which works while its ``async with`` block lasts.

        Args:
            agents: The agents; more can be added.
            locate: Tells where an agent is to be called, as a registrar knows it; None takes the agent's
                addresses.
            store: Where the state is kept; in memory when None.

        Raises:
            ConfigurationError: Two agents have one name.
        """
        return CallCentre(self._parts.operations, self.start_call, agents=agents, locate=locate, store=store)

    def supervise(self, call: Call, supervisor: Call, mode: SupervisionMode = "monitor") -> Supervision:
        """Let a supervisor hear a call and the one that it is connected with, from now on; see `Supervision`.

        Args:
            call: The call, mostly with an agent: whose peer hears the supervisor whisper.
            supervisor: The call with the supervisor, answered.
            mode: ``monitor`` lets nobody hear the supervisor, ``whisper`` the peer of `call`, ``barge`` both.

        Raises:
            CallStateError: The call is not connected with another one; or the supervisor is.
            MediaError: The supervisor's call has no media.
        """
        return Supervision(call, supervisor, self._parts.operations, mode)
