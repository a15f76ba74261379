"""A snapshot of a whole coordinator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from trio_runtime.coordinator.handler_watch import HandlerStatistics
    from trio_runtime.dialog import DialogStatistics
    from trio_runtime.events import BusStatistics
    from trio_runtime.media import EngineStatistics, RtpTotals
    from trio_runtime.observe.capture import CaptureStatistics
    from trio_runtime.presence import PresenceStatistics
    from trio_runtime.registrar import RegistrarStatistics
    from trio_runtime.session import SessionStats

__all__ = ["CoordinatorStatistics"]


@attrs.frozen
class CoordinatorStatistics:
    """What a coordinator counts.

    Attributes:
        sessions: Calls so far and now.
        registrations: Registrations that are not over.
        registered: Those of them that their registrars have.
        subscriptions: Subscriptions of ours that are not over.
        publications: Publications of ours that are not over.
        messages_waiting: Messages of ours without an answer yet.
        requests_refused: Requests that nobody answered although the application wanted them.
        dialogs: Signalling.
        media: The media clock, lateness included; ``None`` without media.
        rtp: What the media of all calls had counted; ``None`` without media.
        bus: Events.
        capture: What was written into the capture file; ``None`` without one.
        handlers: What the application's code did.
        network_changes: How often the addresses of the machine have changed.
        registrar: Phones that register with us; ``None`` without a registrar.
        presence: Who watches whom; ``None`` without a presence server.
        draining: Whether no new calls are taken any more.
        left_after_drain: Calls whose peers did not answer before ``drain_grace`` was over.
    """

    sessions: SessionStats
    registrations: int
    registered: int
    subscriptions: int
    publications: int
    messages_waiting: int
    requests_refused: int
    dialogs: DialogStatistics
    media: EngineStatistics | None
    rtp: RtpTotals | None
    bus: BusStatistics
    capture: CaptureStatistics | None
    handlers: HandlerStatistics
    network_changes: int
    registrar: RegistrarStatistics | None
    presence: PresenceStatistics | None
    draining: bool
    left_after_drain: int
