"""What agents, and those who lead them, do with a call centre."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trio_runtime.base.errors import CallStateError, ConfigurationError
from trio_runtime.session import IncomingCall

if TYPE_CHECKING:
    from sansio_sip.invite import CallEnd
    from trio_runtime.queue.core.agents import QueueAgent
    from trio_runtime.queue.core.statistics import AgentStatistics
    from trio_runtime.queue.house import CentreHouse
    from trio_runtime.session import Call

__all__ = ["CentreAgents"]


class CentreAgents:
    """The agents' side of a `CallCentre`.

    Args:
        house: What the whole centre shares.
    """

    def __init__(self, house: CentreHouse) -> None:
        self._house = house

    def add_agent(self, agent: QueueAgent) -> None:
        """Let there be one more agent.

        Raises:
            ConfigurationError: There is one of that name.
            LimitExceededError: There are too many.
        """
        self._house.dispatcher.add_agent(agent, self._house.now())
        self._house.agents[agent.name] = agent
        self._house.settle()

    def remove_agent(self, name: str) -> None:
        """Forget an agent.

        Raises:
            ConfigurationError: There is no such agent.
            CallStateError: The agent has a call, or is on the line.
        """
        if name in self._house.lines:
            raise CallStateError(f"the agent {name!r} is on the line")
        self._house.dispatcher.remove_agent(name, self._house.now())
        del self._house.agents[name]
        self._house.settle()

    def log_in(self, agent: str) -> None:
        """Let an agent be on duty; the errors are those of `resume`."""
        self._house.dispatcher.log_in(agent, self._house.now())
        self._house.settle()

    def log_out(self, agent: str) -> None:
        """Let an agent be off duty; a call goes on, a ring does not. The errors are those of `resume`."""
        self._house.dispatcher.log_out(agent, self._house.now())
        self._house.settle()

    def pause(self, agent: str, reason: str = "") -> None:
        """Let an agent get no callers for a while; a call goes on, a ring does not.

        Args:
            agent: Name of the agent.
            reason: Why, such as ``lunch``.

        Raises:
            ConfigurationError: There is no such agent.
            CallStateError: The agent is off duty.
        """
        self._house.dispatcher.pause(agent, self._house.now(), reason)
        self._house.settle()

    def resume(self, agent: str) -> None:
        """Let a paused agent get callers again.

        Raises:
            ConfigurationError: There is no such agent.
            CallStateError: The agent is off duty.
        """
        self._house.dispatcher.resume(agent, self._house.now())
        self._house.settle()

    def ready(self, agent: str) -> None:
        """Let the wrap-up of an agent be over, or the time in which he gets no caller after not answering.

        Raises:
            ConfigurationError: There is no such agent.
        """
        self._house.dispatcher.ready(agent, self._house.now())
        self._house.settle()

    async def attend(self, agent: str, call: Call) -> CallEnd:
        """Let an agent stay on the line: logged in until the call ends, callers come to him without a ring.

        Args:
            agent: Name of the agent.
            call: The agent's call; answered if need be.

        Returns:
            How it ended.

        Raises:
            ConfigurationError: There is no such agent, or he may have several calls at one time.
            CallStateError: The agent is on the line already.
            CallError: The call ended before it was answered.
        """
        house = self._house
        if agent not in house.agents:
            raise ConfigurationError(f"there is no agent {agent!r}", field="agent")
        if house.agents[agent].max_calls > 1:
            raise ConfigurationError("must be 1 for an agent on the line", field="max_calls")
        if agent in house.lines:
            raise CallStateError(f"the agent {agent!r} is on the line already", session_id=call.id)
        if isinstance(call, IncomingCall) and call.undecided:
            await call.answer()
        house.lines[agent] = call
        try:
            self.log_in(agent)
            return await call.ended()
        finally:
            del house.lines[agent]
            self.log_out(agent)

    def agent_statistics(self) -> tuple[AgentStatistics, ...]:
        """Return what each agent did up to now."""
        return self._house.dispatcher.agent_statistics(self._house.now())
