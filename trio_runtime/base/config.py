"""What an application can set: frozen, checked when it is made, every field with its unit and its reason."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from os import PathLike
from pathlib import Path

import attrs

from trio_runtime.base.account_config import Account
from trio_runtime.base.capture_config import CaptureConfig
from trio_runtime.base.config_loading import evolve_from, read_environment, read_toml, variable_name
from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.flow_config import FlowConfig
from trio_runtime.base.inbound_config import InboundConfig
from trio_runtime.base.limits_config import LimitsConfig
from trio_runtime.base.listening import Listener, listener_text, read_listener, transport_name
from trio_runtime.base.media_config import MediaConfig
from trio_runtime.base.requests_config import RequestsConfig
from trio_runtime.base.tls_config import TlsConfig
from trio_runtime.base.validation import (
    any_of,
    between,
    choice,
    each,
    flag,
    host_and_port,
    line,
    optional,
    part,
    port_number,
    secret,
    session_seconds,
    text,
)
from trio_runtime.base.version import VERSION

__all__ = ["CoordinatorConfig"]


@attrs.frozen(kw_only=True)
class CoordinatorConfig:
    """How a coordinator presents itself, listens, signs in and limits itself.

    Attributes:
        uri: Its address of record, such as ``sip:alice@example.com``; None makes one from the bound address.
        display_name: Name shown to the called party; empty for none.
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
        username: Name for digest authentication; None uses the user of `uri`.
        password: Secret for digest authentication; never shown.
        realm: Realm that the credentials are for; None any.
        outbound_proxy: URI that every request outside a dialog is sent to; None sends to its target.
        accounts: Who else we are: calls choose one, and each can be registered. Without `uri` the first one
            is meant where none is chosen.
        max_registrations: Registrations at one time, each flow counted; one more is refused.
        inbound: Who may call us: whose password is asked for, and who is let in by address. None asks nobody.
        requests: Which requests of others are taken besides calls: messages, and methods that the application
            answers itself.
        on_network_change: What becomes of calls when an address of the machine changes: ``reinvite`` offers
            them at the new one, ``keep`` leaves them alone. What is registered is registered anew.
        recovery_probes: How often a peer that does not answer within a call is asked whether it lives before
            the call is given up; 0 gives it up at once, although its audio may still flow.
        drain_grace: Seconds that leaving the coordinator may wait for calls to end in good order.
        max_sessions: Calls at one time; one more is refused.
        limits: How much is taken on, and from whom.
        max_redirects: How many redirections (3xx) one call follows; 0 leaves them to the application.
        receive_buffer: Octets that the kernel is asked to hold for the SIP socket.
        user_agent: Value of the User-Agent and Server headers.
        t1: Estimate of the round-trip time in seconds, the base of the retransmission timers.
        t2: Longest retransmission interval in seconds.
        t4: Seconds a message may stay in the network.
        max_ringing: Seconds after which a call to us that nobody has answered is refused with 487: its caller
            may be dead.
        session_interval: Seconds within which both sides of a call have to show that they live, so that one
            whose peer died ends (RFC 4028); 90 at least. 0 asks for none, and takes part where a peer asks.
        media: How audio is sent and received.
        no_media: Answer calls without audio, for signalling load.
        trace_messages: Messages kept for ladder diagrams; 0 keeps none.
        capture: A file of what passes the sockets; None writes none.
    """

    uri: str | None = attrs.field(default=None, validator=optional(text))
    display_name: str = attrs.field(default="", validator=line)
    bind_host: str = attrs.field(default="0.0.0.0", validator=text)
    sip_port: int = attrs.field(default=5060, validator=port_number)
    listen: tuple[str, ...] = attrs.field(default=("udp",), validator=each(listener_text))
    connect: tuple[str, ...] = attrs.field(default=(), validator=any_of(transport_name))
    tls: TlsConfig = attrs.field(factory=TlsConfig, validator=part(TlsConfig))
    flows: FlowConfig = attrs.field(factory=FlowConfig, validator=part(FlowConfig))
    advertised_host: str | None = attrs.field(default=None, validator=optional(text))
    stun_server: str | None = attrs.field(default=None, validator=optional(host_and_port))
    username: str | None = attrs.field(default=None, validator=optional(text))
    password: str | None = attrs.field(default=None, repr=False, validator=secret)
    realm: str | None = attrs.field(default=None, validator=optional(text))
    outbound_proxy: str | None = attrs.field(default=None, validator=optional(text))
    accounts: tuple[Account, ...] = attrs.field(default=(), validator=any_of(part(Account)))
    max_registrations: int = attrs.field(default=10_000, validator=between(1))
    inbound: InboundConfig | None = attrs.field(default=None, validator=optional(part(InboundConfig)))
    requests: RequestsConfig = attrs.field(factory=RequestsConfig, validator=part(RequestsConfig))
    on_network_change: str = attrs.field(default="reinvite", validator=choice("reinvite", "keep"))
    recovery_probes: int = attrs.field(default=0, validator=between(0, 20))
    drain_grace: float = attrs.field(default=4.0, validator=between(0, 3_600, " s"))
    max_sessions: int = attrs.field(default=10_000, validator=between(1))
    limits: LimitsConfig = attrs.field(factory=LimitsConfig, validator=part(LimitsConfig))
    max_redirects: int = attrs.field(default=5, validator=between(0))
    receive_buffer: int = attrs.field(default=4 * 1024 * 1024, validator=between(2_048))
    user_agent: str = attrs.field(default=f"sansio-voip/{VERSION}", validator=text)
    t1: float = attrs.field(default=0.5, validator=between(0.001, 60, " s"))
    t2: float = attrs.field(default=4.0, validator=between(0.001, 60, " s"))
    t4: float = attrs.field(default=5.0, validator=between(0.001, 60, " s"))
    max_ringing: float = attrs.field(default=600.0, validator=between(1, unit=" s"))
    session_interval: int = attrs.field(default=0, validator=session_seconds)
    media: MediaConfig = attrs.field(factory=MediaConfig, validator=part(MediaConfig))
    no_media: bool = attrs.field(default=False, validator=flag)
    trace_messages: int = attrs.field(default=1_000, validator=between(0))
    capture: CaptureConfig | None = attrs.field(default=None, validator=optional(part(CaptureConfig)))

    def __attrs_post_init__(self) -> None:
        """Check what concerns two fields, and the form of the URIs."""
        if self.t2 < self.t1:
            raise ConfigurationError("must not be less than t1", field="t2")
        listeners = self.listeners
        if len({(each.host, each.port, each.transport == "UDP") for each in listeners if each.port}) < len(
            [each for each in listeners if each.port]
        ):
            raise ConfigurationError("names one address and port twice", field="listen")
        if self.tls.certificate is None and any(each.transport in ("TLS", "WSS") for each in listeners):
            raise ConfigurationError("TLS needs tls=TlsConfig(certificate=...)", field="listen")
        if len({account.uri for account in self.accounts}) < len(self.accounts):
            raise ConfigurationError("names one address twice", field="accounts")
        for field in ("uri", "outbound_proxy"):
            value: str | None = getattr(self, field)
            if value is not None and not value.lower().startswith(("sip:", "sips:")):
                raise ConfigurationError(
                    f"must be a SIP URI such as sip:alice@example.com, not {value!r}", field=field
                )

    @classmethod
    def from_toml(
        cls, path: str | PathLike[str], *, base: CoordinatorConfig | None = None
    ) -> CoordinatorConfig:
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
        base: CoordinatorConfig | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> CoordinatorConfig:
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
