"""What an open coordinator is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from trio_runtime.base.service import ServiceScope
    from trio_runtime.base.types import Address
    from trio_runtime.coordinator.asking_side import AskingSide
    from trio_runtime.coordinator.conferring.conferences import Conferences
    from trio_runtime.coordinator.draining import Draining
    from trio_runtime.coordinator.handler_watch import HandlerWatch
    from trio_runtime.coordinator.network_changes import NetworkChanges
    from trio_runtime.coordinator.operations.call_ops import CallOps
    from trio_runtime.coordinator.operations.session_ops import SessionOps
    from trio_runtime.coordinator.preparing import Preparations
    from trio_runtime.coordinator.presence_part import PresencePart
    from trio_runtime.coordinator.reception import Reception
    from trio_runtime.coordinator.registering.registrations import Registrations
    from trio_runtime.coordinator.sip_client import SipClient
    from trio_runtime.dialog import DialogManager
    from trio_runtime.media import MediaManager, NoMedia
    from trio_runtime.observe.capture import Capture, CaptureStatistics
    from trio_runtime.presence import PresenceStatistics
    from trio_runtime.registrar import RegistrarPart, RegistrarStatistics

__all__ = ["Parts"]


@attrs.frozen
class Parts:
    """What an open coordinator is made of.

    Attributes:
        advertised: Address and port that peers reach it at.
        dialogs: Signalling.
        media: Media.
        operations: What calls act with.
        sessions: Starts calls.
        client: Requests outside of calls.
        reception: Takes incoming calls.
        draining: Ends the service.
        watch: Runs the application's code.
        registrations: Where we are registered, and who speaks.
        asking: Messages, subscriptions, publications, and requests to answer.
        conferences: The conferences, and who watches them.
        preparations: Calls that are reserved.
        network: Acts when the addresses change.
        capture: Writes what passes the sockets into a file.
        registrar: Where phones register, or ``None``.
        presence: Who watches whom, or ``None``.
    """

    advertised: Address
    dialogs: DialogManager
    media: MediaManager | NoMedia
    operations: CallOps
    sessions: SessionOps
    client: SipClient
    reception: Reception
    draining: Draining
    watch: HandlerWatch
    registrations: Registrations
    asking: AskingSide
    conferences: Conferences
    preparations: Preparations
    network: NetworkChanges
    capture: Capture | None
    registrar: RegistrarPart | None
    presence: PresencePart | None

    def start(self, services: ServiceScope) -> None:
        """Start the service tasks."""
        self.dialogs.start(services)
        services.start_soon(self.media.run, name="media clock")
        services.start_soon(self.network.run, name="addresses")
        if self.capture is not None:
            services.start_soon(self.capture.run, name="capture")
        if self.registrar is not None:
            self.registrar.start(services)

    def close(self) -> None:
        """Release every socket and file."""
        self.conferences.close()
        self.registrations.close()
        if self.presence is not None:
            self.presence.close()
        self.asking.close()
        self.media.close_all()
        self.dialogs.close()
        if self.capture is not None:
            self.capture.close()

    def registrar_statistics(self) -> RegistrarStatistics | None:
        """Return what our registrar counts; None without one."""
        return None if self.registrar is None else self.registrar.statistics(self.dialogs.statistics().agent)

    def presence_statistics(self) -> PresenceStatistics | None:
        """Return what our presence server counts; None without one."""
        return None if self.presence is None else self.presence.statistics(self.dialogs)

    def capture_statistics(self) -> CaptureStatistics | None:
        """Return what was written into the capture file; None without one."""
        return None if self.capture is None else self.capture.statistics()
