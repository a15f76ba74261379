"""What every SIP endpoint can be told: where it listens, how it connects, and how much it takes on."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Self

import attrs

from trio_runtime.base.capture_config import CaptureConfig
from trio_runtime.base.config_loading import evolve_from, read_environment, read_toml, variable_name
from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.flow_config import FlowConfig
from trio_runtime.base.limits_config import LimitsConfig
from trio_runtime.base.listening import Listener, listener_text, read_listener, transport_name
from trio_runtime.base.tls_config import TlsConfig
from trio_runtime.base.validation import (
    any_of,
    between,
    each,
    host_and_port,
    optional,
    part,
    port_number,
    text,
)

__all__ = ["EndpointConfig"]


@attrs.frozen(kw_only=True)
class EndpointConfig:
    """How an endpoint listens, connects and limits itself, whatever stands behind it.

    Attributes:
        bind_host: Address to listen on.
        sip_port: Port to listen on; 0 lets the system choose.
        listen: Listeners, each a transport with or without its own address, such as ``udp``, ``tcp``,
            ``tls://0.0.0.0:5061``, ``ws://:8080`` or ``udp://[::]:5060``; the first one's transport is meant
            where nothing else decides. Without port: ``sip_port``, the next one for TLS, 80 and 443 for
            WebSocket.
        connect: Transports for connections that we open, where nobody listens for them: ``tcp``, ``tls``,
            ``ws`` or ``wss``.
        tls: Certificates and trust for ``tls`` and ``wss``.
        flows: Limits and timeouts of connections.
        advertised_host: Address to write into messages where it differs from the bound one (NAT, 0.0.0.0).
        stun_server: Host, or host:port, of a server that is asked once for the address that we have outside
            of a NAT; it stands in messages then. None asks nobody, and so does an `advertised_host`.
        drain_grace: Seconds that leaving the coordinator may wait for calls to end in good order.
        limits: How much is taken on, and from whom.
        receive_buffer: Octets that the kernel is asked to hold for the SIP socket.
        t1: Estimate of the round-trip time in seconds, the base of the retransmission timers.
        t2: Longest retransmission interval in seconds.
        t4: Seconds a message may stay in the network.
        trace_messages: Messages kept for ladder diagrams; 0 keeps none.
        capture: A file of what passes the sockets; None writes none.
    """

    bind_host: str = attrs.field(default="0.0.0.0", validator=text)
    sip_port: int = attrs.field(default=5060, validator=port_number)
    listen: tuple[str, ...] = attrs.field(default=("udp",), validator=each(listener_text))
    connect: tuple[str, ...] = attrs.field(default=(), validator=any_of(transport_name))
    tls: TlsConfig = attrs.field(factory=TlsConfig, validator=part(TlsConfig))
    flows: FlowConfig = attrs.field(factory=FlowConfig, validator=part(FlowConfig))
    advertised_host: str | None = attrs.field(default=None, validator=optional(text))
    stun_server: str | None = attrs.field(default=None, validator=optional(host_and_port))
    drain_grace: float = attrs.field(default=4.0, validator=between(0, 3_600, " s"))
    limits: LimitsConfig = attrs.field(factory=LimitsConfig, validator=part(LimitsConfig))
    receive_buffer: int = attrs.field(default=4 * 1024 * 1024, validator=between(2_048))
    t1: float = attrs.field(default=0.5, validator=between(0.001, 60, " s"))
    t2: float = attrs.field(default=4.0, validator=between(0.001, 60, " s"))
    t4: float = attrs.field(default=5.0, validator=between(0.001, 60, " s"))
    trace_messages: int = attrs.field(default=1_000, validator=between(0))
    capture: CaptureConfig | None = attrs.field(default=None, validator=optional(part(CaptureConfig)))

    def __attrs_post_init__(self) -> None:
        """Check what concerns two fields."""
        if self.t2 < self.t1:
            raise ConfigurationError("must not be less than t1", field="t2")
        listeners = self.listeners
        if len({(each.host, each.port, each.transport == "UDP") for each in listeners if each.port}) < len(
            [each for each in listeners if each.port]
        ):
            raise ConfigurationError("names one address and port twice", field="listen")
        if self.tls.certificate is None and any(each.transport in ("TLS", "WSS") for each in listeners):
            raise ConfigurationError("TLS needs tls=TlsConfig(certificate=...)", field="listen")

    @classmethod
    def from_toml(cls, path: str | PathLike[str], *, base: Self | None = None) -> Self:
        """Return what stands in a file: fields at the top, those of ``media``, ``tls`` and so on in tables.

        Args:
            path: The file.
            base: What holds for fields that are not in it; the defaults when ``None``.

        Raises:
            ConfigurationError: In one line, with the file, the field and what is wrong.
        """
        values = read_toml(Path(path))
        return evolve_from(base or cls(), values, where=lambda key: f"{path}: {key}")

    @classmethod
    def from_environment(
        cls,
        prefix: str = "SANSIO_",
        *,
        base: Self | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Self:
        """Return what variables say, such as ``SANSIO_SIP_PORT`` and ``SANSIO_MEDIA__PTIME_MS``.

        Elements of a list stand between commas; ``none`` is None where a field that is no text may be that.

        Args:
            prefix: What the names of the variables begin with; all that do are meant.
            base: What holds for fields without a variable; the defaults when ``None``.
            environment: The variables; those of this process when ``None``.

        Raises:
            ConfigurationError: In one line, with the variable and what is wrong.
        """
        values = read_environment(os.environ if environment is None else environment, prefix)
        where = partial(variable_name, prefix)
        return evolve_from(base or cls(), values, where=where, texts=True)

    @property
    def listeners(self) -> tuple[Listener, ...]:
        """What `listen` says, with the addresses and ports that are not written."""
        return tuple([read_listener(text, host=self.bind_host, port=self.sip_port) for text in self.listen])
