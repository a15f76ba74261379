"""SRTP of a session: everything that leaves is secured, and only what is authentic comes in."""

from __future__ import annotations

from ..errors import LocalProtocolError, PacketError
from ..machine import Address, Component, Outbox
from ..packet import PacketKind, classify
from ..srtp import KeySpent, KeyState, SrtpConfig, SrtpError, SrtpReceiver, SrtpSender, SrtpStatistics
from .config import RtpSessionConfig
from .events import RtpEvent, SrtpKeyExpiring, SrtpKeySpent

_SOON_PACKETS = 1 << 16
_SOON_SHARE = 8
_LENT_PACKETS = 1 << 13
"""Packets that may be sent before the session is asked again, and more."""


class StreamSecurity:
    """The cryptographic contexts of both directions, or nothing at all where signalling agreed on nothing.

    A context outlives renegotiation, with its roll-over counters: only another `generation` begins a new one.

    Attributes:
        news: What there is to tell since somebody looked.
    """

    def __init__(self, config: RtpSessionConfig) -> None:
        """Begin with the keys of `config`."""
        self.news: list[RtpEvent] = []
        self._secured = False
        self._sender: SrtpSender | None = None
        self._receiver: SrtpReceiver | None = None
        self._told: KeyState | None = None
        self._told_spent: KeyState | None = None
        self.configure(config)

    @property
    def secured(self) -> bool:
        """Whether signalling has agreed on SRTP."""
        return self._secured

    @property
    def lends(self) -> bool:
        """Whether the contexts can secure packets elsewhere: none is there, or no key is nearly spent."""
        if not self._secured or self._sender is None:
            return not self._secured
        key = self._sender.key
        return key.remaining > _last_packets(key) + _LENT_PACKETS

    @property
    def sender(self) -> SrtpSender | None:
        """What secures our packets, None in the clear."""
        return self._sender if self._secured else None

    @property
    def receiver(self) -> SrtpReceiver | None:
        """What opens the peer's packets, None in the clear."""
        return self._receiver if self._secured else None

    def check(self, config: RtpSessionConfig) -> None:
        """Refuse keys that would break what was secured before.

        Raises:
            LocalProtocolError: A new generation has an old key, or `replay_window` differs without one.
        """
        for field, context, new in (
            ("srtp_send", self._sender, config.srtp_send),
            ("srtp_receive", self._receiver, config.srtp_receive),
        ):
            if context is None or new is None:
                continue
            old = context.config
            if old.generation == new.generation:
                if old.replay_window != new.replay_window:
                    raise LocalProtocolError(f"{field}: replay_window changes with the generation only")
            elif {key.key_salt for key in old.keys} & {key.key_salt for key in new.keys}:
                # Its roll-over counter begins at 0 again: the same key would give the same key stream.
                raise LocalProtocolError(f"{field}: a new generation needs new keys")

    def configure(self, config: RtpSessionConfig) -> None:
        """Take the keys that signalling has agreed on, after `check`."""
        send, receive = config.srtp_send, config.srtp_receive
        self._secured = send is not None
        if send is not None and not _goes_on(self._sender, send):
            self._sender = SrtpSender(send)
        if receive is not None and not _goes_on(self._receiver, receive):
            self._receiver = SrtpReceiver(receive)

    def protect(self, data: bytes) -> bytes | None:
        """Return what to send in place of RTP or RTCP, or None when it may not be sent."""
        sender = self._sender
        if not self._secured or sender is None:
            return data
        rtcp = classify(data) is PacketKind.RTCP
        try:
            secured = sender.protect_rtcp(data) if rtcp else sender.protect(data)
        except KeySpent:
            self._tell_spent(sender.key)
            return None
        except SrtpError:  # counted by the context
            return None
        if sender.key is not self._told:
            self._tell_expiring(sender.key)
        return secured

    def unprotect(self, data: bytes) -> bytes | None:
        """Return the RTP packet of a datagram, or None when it is not authentic."""
        if not self._secured or self._receiver is None:
            return data
        try:
            return self._receiver.unprotect(data)
        except (PacketError, SrtpError):  # counted by the context
            return None

    def unprotect_rtcp(self, data: bytes) -> bytes | None:
        """Return the RTCP packet of a datagram, or None when it is not authentic."""
        if not self._secured or self._receiver is None:
            return data
        try:
            return self._receiver.unprotect_rtcp(data)
        except (PacketError, SrtpError):  # counted by the context
            return None

    @property
    def sent(self) -> SrtpStatistics | None:
        """What the context of sending has counted, None without one."""
        return None if self._sender is None else self._sender.statistics()

    @property
    def received(self) -> SrtpStatistics | None:
        """What the context of receiving has counted, None without one."""
        return None if self._receiver is None else self._receiver.statistics()

    def _tell_expiring(self, key: KeyState) -> None:
        if key.remaining <= _last_packets(key):
            self._told = key
            self.news.append(SrtpKeyExpiring(key.remaining))

    def _tell_spent(self, key: KeyState) -> None:
        if key is not self._told_spent:
            self._told_spent = key
            self.news.append(SrtpKeySpent())


class SecureOutbox(Outbox[RtpEvent]):
    """An outbox that secures what is put into it.

    Attributes:
        security: The cryptographic contexts.
    """

    __slots__ = ("security",)

    def __init__(self, config: RtpSessionConfig) -> None:
        """Create empty queues, and contexts with the keys of `config`."""
        super().__init__()
        self.security = StreamSecurity(config)

    def send(self, data: bytes, destination: Address | None, flow: Component) -> None:
        """Queue one packet, secured; one that may not be secured is dropped and counted."""
        security = self.security
        secured = security.protect(data)
        if security.news:
            news, security.news = security.news, []
            for event in news:
                self.emit(event)
        if secured is not None:
            super().send(secured, destination, flow)


def _last_packets(key: KeyState) -> int:
    """Return from how many remaining packets on a key is about to be spent."""
    return min(_SOON_PACKETS, min(key.master.rtp_packets, key.master.rtcp_packets) // _SOON_SHARE)


def _goes_on(context: SrtpSender | SrtpReceiver | None, config: SrtpConfig) -> bool:
    if context is None or context.config.generation != config.generation:
        return False
    if context.config != config:
        context.rekey(config)
    return True
