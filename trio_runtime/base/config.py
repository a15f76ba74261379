"""What an application can set: frozen, checked when it is made, every field with its unit and its reason."""

from __future__ import annotations

import attrs

from trio_runtime.base.account_config import Account
from trio_runtime.base.endpoint_config import EndpointConfig
from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.inbound_config import InboundConfig
from trio_runtime.base.media_config import MediaConfig
from trio_runtime.base.presence_config import PresenceConfig
from trio_runtime.base.registrar_config import RegistrarConfig
from trio_runtime.base.requests_config import RequestsConfig
from trio_runtime.base.validation import (
    any_of,
    between,
    choice,
    flag,
    line,
    optional,
    part,
    secret,
    session_seconds,
    text,
)
from trio_runtime.base.version import VERSION

__all__ = ["CoordinatorConfig"]


@attrs.frozen(kw_only=True)
class CoordinatorConfig(EndpointConfig):
    """How a coordinator presents itself, signs in and limits itself; how it listens says `EndpointConfig`.

    Attributes:
        uri: Its address of record, such as ``sip:alice@example.com``; None makes one from the bound address.
        display_name: Name shown to the called party; empty for none.
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
        registrar: Which phones may register here, and with what; None takes no REGISTER.
        presence: What is told of users, and to whom; None takes no SUBSCRIBE.
        on_network_change: What becomes of calls when an address of the machine changes: ``reinvite`` offers
            them at the new one, ``keep`` leaves them alone. What is registered is registered anew.
        recovery_probes: How often a peer that does not answer within a call is asked whether it lives before
            the call is given up; 0 gives it up at once, although its audio may still flow.
        max_sessions: Calls at one time; one more is refused.
        max_redirects: How many redirections (3xx) one call follows; 0 leaves them to the application.
        user_agent: Value of the User-Agent and Server headers.
        max_ringing: Seconds after which a call to us that nobody has answered is refused with 487: its caller
            may be dead.
        session_interval: Seconds within which both sides of a call have to show that they live, so that one
            whose peer died ends (RFC 4028); 90 at least. 0 asks for none, and takes part where a peer asks.
        media: How audio is sent and received.
        no_media: Answer calls without audio, for signalling load.
    """

    uri: str | None = attrs.field(default=None, validator=optional(text))
    display_name: str = attrs.field(default="", validator=line)
    username: str | None = attrs.field(default=None, validator=optional(text))
    password: str | None = attrs.field(default=None, repr=False, validator=secret)
    realm: str | None = attrs.field(default=None, validator=optional(text))
    outbound_proxy: str | None = attrs.field(default=None, validator=optional(text))
    accounts: tuple[Account, ...] = attrs.field(default=(), validator=any_of(part(Account)))
    max_registrations: int = attrs.field(default=10_000, validator=between(1))
    inbound: InboundConfig | None = attrs.field(default=None, validator=optional(part(InboundConfig)))
    requests: RequestsConfig = attrs.field(factory=RequestsConfig, validator=part(RequestsConfig))
    registrar: RegistrarConfig | None = attrs.field(default=None, validator=optional(part(RegistrarConfig)))
    presence: PresenceConfig | None = attrs.field(default=None, validator=optional(part(PresenceConfig)))
    on_network_change: str = attrs.field(default="reinvite", validator=choice("reinvite", "keep"))
    recovery_probes: int = attrs.field(default=0, validator=between(0, 20))
    max_sessions: int = attrs.field(default=10_000, validator=between(1))
    max_redirects: int = attrs.field(default=5, validator=between(0))
    user_agent: str = attrs.field(default=f"sansio-voip/{VERSION}", validator=text)
    max_ringing: float = attrs.field(default=600.0, validator=between(1, unit=" s"))
    session_interval: int = attrs.field(default=0, validator=session_seconds)
    media: MediaConfig = attrs.field(factory=MediaConfig, validator=part(MediaConfig))
    no_media: bool = attrs.field(default=False, validator=flag)

    def __attrs_post_init__(self) -> None:
        """Check what concerns two fields, and the form of the URIs."""
        super().__attrs_post_init__()
        if len({account.uri for account in self.accounts}) < len(self.accounts):
            raise ConfigurationError("names one address twice", field="accounts")
        if self.registrar is not None:
            self.registrar.check_with(self.inbound)
        for field in ("uri", "outbound_proxy"):
            value: str | None = getattr(self, field)
            if value is not None and not value.lower().startswith(("sip:", "sips:")):
                wanted = "must be a SIP URI such as sip:alice@example.com"
                raise ConfigurationError(f"{wanted}, not {value!r}", field=field)
