"""What can be wanted of a call, told the agent; its errors become the runtime's."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import attrs

from sansio_sip.errors import LocalProtocolError, NoSuchCallError, RemoteProtocolError
from sansio_sip.sdp import Direction
from trio_runtime.base.errors import (
    CallStateError,
    MediaError,
    SdpError,
    SessionNotFoundError,
    VoipError,
)

if TYPE_CHECKING:
    from sansio_sip.agent import Agent
    from sansio_sip.sdp import LocalMedia
    from trio_runtime.base.environment import Environment
    from trio_runtime.dialog.endpoint import SipEndpoint

__all__ = ["CallVerbs"]

_DIRECTIONS = tuple([direction.value for direction in Direction])


class CallVerbs:
    """The verbs of a `DialogManager` that are about one call.

    Each runs the agent and then the pump, at once and without waiting. All raise `SessionNotFoundError` when
    the call is over and `CallStateError` when its state does not allow what is wanted.

    Args:
        environment: Clock.
    """

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._opened: SipEndpoint | None = None

    @property
    def endpoint(self) -> SipEndpoint:
        """The open endpoint.

        Raises:
            VoipError: It is not open.
        """
        if self._opened is None:
            raise VoipError("the coordinator is not open: use `async with`")
        return self._opened

    def ring(self, session: str, status_code: int = 180, media: LocalMedia | None = None) -> None:
        """Send a provisional response, with early media or without."""
        self._do(session, lambda agent, now: agent.ring(session, now, status_code, media=media))

    def answer(self, session: str, media: LocalMedia | None, headers: Iterable[tuple[str, str]]) -> None:
        """Accept a call.

        Raises:
            SdpError: The offer has nothing that we can take.
            CallStateError: The call does not wait for an answer any more.
        """
        self._do(session, lambda agent, now: agent.answer(session, media, now, headers=headers))

    def reject(self, session: str, status_code: int, reason: str, headers: Iterable[tuple[str, str]]) -> None:
        """Refuse a call."""
        self._do(
            session,
            lambda agent, now: agent.reject(session, status_code, now, reason=reason, headers=headers),
        )

    def hang_up(self, session: str) -> None:
        """End a call as its state demands; one that is gone is no error."""
        self._do(session, lambda agent, now: agent.hang_up(session, now))

    def hold(self, session: str) -> None:
        """Ask the peer to be put on hold; what becomes of it is an event."""
        self._do(session, lambda agent, now: agent.hold(session, now))

    def resume(self, session: str) -> None:
        """Ask the peer to talk again; what becomes of it is an event."""
        self._do(session, lambda agent, now: agent.resume(session, now))

    def update_media(self, session: str, media: LocalMedia | None, direction: str | None) -> None:
        """Offer other media; what becomes of it is an event.

        Args:
            session: Name of the call.
            media: What to offer; None is what was agreed on last.
            direction: What we want to do, as in an SDP attribute; None is what we do.

        Raises:
            MediaError: There is no such direction.
            SessionNotFoundError: The call is over.
            CallStateError: It has no dialog yet, or a change is on its way.
        """
        if direction is not None and direction not in _DIRECTIONS:
            raise MediaError(f"a direction is one of {', '.join(_DIRECTIONS)}, not {direction!r}")

        def change(agent: Agent, now: float) -> None:
            before = agent.local_media(session)
            wanted = before.direction if direction is None else Direction(direction)
            agent.update_media(session, attrs.evolve(media or before, direction=wanted), now)

        self._do(session, change)

    def request_in_call(
        self,
        session: str,
        method: str,
        headers: Iterable[tuple[str, str]],
        content_type: str,
        body: bytes,
        package: str = "",
        *,
        on_sent: Callable[[int], None],
    ) -> int:
        """Send a request in a call and return its number; ``on_sent`` gets it first."""
        numbers: list[int] = []

        def send(agent: Agent, now: float) -> None:
            if method == "INFO":
                number = agent.send_info(
                    session, now, package=package, content_type=content_type, body=body, headers=headers
                )
            else:
                number = agent.request_in_call(
                    session, method, now, headers=headers, content_type=content_type, body=body
                )
            numbers.append(number)
            on_sent(number)

        self._do(session, send)
        return numbers[0]

    def send_info(self, session: str, content_type: str, body: bytes) -> None:
        """Send an INFO of the old kind in a call; nobody waits for its answer.

        Raises:
            SessionNotFoundError: The call is over.
            CallStateError: It has no dialog yet.
        """
        self._do(
            session, lambda agent, now: agent.send_info(session, now, content_type=content_type, body=body)
        )

    def _do(self, session: str, verb: Callable[[Agent, float], object]) -> None:
        agent, pump = self.endpoint.agent, self.endpoint.pump
        try:
            verb(agent, self._environment.clock.now())
        except NoSuchCallError as error:
            raise SessionNotFoundError(str(error)) from error
        except LocalProtocolError as error:
            raise CallStateError(str(error)) from error
        except RemoteProtocolError as error:
            raise SdpError(str(error)) from error
        finally:
            pump.flush()
