"""The sockets of a stream, and the peer that they are connected to once its address is certain."""

from __future__ import annotations

from typing import Final

from sansio_rtp.machine import Component
from sansio_rtp.session import RtpSession
from trio_runtime.base.types import Address
from trio_runtime.media.ports import MediaPorts

__all__ = ["DISCONNECT_S", "PeerLink"]

DISCONNECT_S: Final = 2.0
"""Seconds of silence after which a peer that has moved may be heard from its new address."""
_CERTAIN_S: Final = 5.0
"""Seconds in which the signalled address may still take a stream back from another one that was latched."""


class PeerLink:
    """Sends what a session has to send, the cheapest way there is.

    Attributes:
        ports: The sockets.
        unsent: Packets that the network did not take.
    """

    def __init__(self, ports: MediaPorts) -> None:
        """Begin with sockets that are connected to nobody."""
        self.ports = ports
        self.unsent = 0
        self._transmit = ports.rtp.transmit
        self._destination: Address | None = None
        self._peer: Address | None = None
        self._signalled: Address | None = None
        self._agreed_at = 0.0
        self._rtcp_port_open = True

    def agree(self, remote: Address | None, now: float, *, rtcp_mux: bool) -> None:
        """Take what was agreed on: the address of the peer, and whether RTCP goes the way of RTP."""
        self._signalled, self._agreed_at = remote, now
        self._peer, self._destination = None, remote
        if rtcp_mux and self._rtcp_port_open:
            # The odd port stays reserved; one descriptor less for each call.
            self.ports.rtcp.close()
            self._rtcp_port_open = False

    def connect(self, session: RtpSession, now: float) -> None:
        """Connect the socket to the peer once its address is certain; before that strangers are counted."""
        peer, socket = session.peer, self.ports.rtp
        self._peer, self._destination = peer, session.destination
        if peer is None or peer != self._destination:
            socket.connect(None)
        elif now - session.heard_at > DISCONNECT_S:
            return  # as `disconnect` has left it, or the next packet from elsewhere would not be heard
        elif self._signalled == peer or now - self._agreed_at > _CERTAIN_S:
            socket.connect(peer)

    def disconnect(self) -> None:
        """Take packets from everybody again."""
        self.ports.rtp.connect(None)

    def trusts(self, source: Address) -> bool:
        """Tell whether what comes from an address is the peer's, as far as an address can tell."""
        return source == self._peer

    def transmit(self, packet: memoryview) -> None:
        """Send a packet of audio that was built elsewhere than in the session."""
        socket, destination = self.ports.rtp, self._destination
        if socket.peer is not None:
            sent = self._transmit(packet)
        else:
            sent = destination is not None and socket.send(bytes(packet), destination)
        self.unsent += not sent

    def send_all(self, session: RtpSession) -> None:
        """Send the packets that wait in a session."""
        ports = self.ports
        while (packet := session.next_transmit()) is not None:
            separate = packet.flow is Component.RTCP and self._rtcp_port_open
            socket = ports.rtcp if separate else ports.rtp
            if packet.destination is None or not socket.send(packet.data, packet.destination):
                self.unsent += 1
