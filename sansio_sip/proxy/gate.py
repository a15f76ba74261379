"""Asks the callers of our own domains for a password (RFC 3261 §16.3 item 6, §22.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..auth import Authenticated, Challenged
from ..message import Uri
from ..register import address_of_record, is_own_address
from .targets import Reply

if TYPE_CHECKING:
    from ..auth import AuthenticationConfig, DigestServer
    from ..machine import Endpoint
    from ..message import Request
    from .backends import ProxyBackends
    from .shared import Shared
    from .targets import Authorizer

__all__ = ["Gate"]


class Gate:
    """Lets requests through, challenges them with 407, or refuses who calls with another's address.

    Asked is who begins something in the name of a user of ours. Strangers may call our users, as they may
    send them letters, but no others through us; what goes on in a dialog was let through when it began.

    Args:
        shared: What the parts of the proxy share.
        config: Whom to ask.
        server: Judges credentials.
        backends: Tells who may call as whom.
        authorize: What the application asks for besides, or None.
    """

    __slots__ = ("_authorize", "_methods", "_owns", "_server", "_shared", "_trusted")

    def __init__(
        self,
        shared: Shared,
        config: AuthenticationConfig,
        server: DigestServer,
        backends: ProxyBackends,
        authorize: Authorizer | None,
    ) -> None:
        self._shared = shared
        self._methods = config.methods - {"REGISTER"}  # the registrar, ours or another, asks by itself
        self._trusted = config.trusted_hosts
        self._server = server
        self._owns = backends.owns
        self._authorize = authorize

    def authorize(self, request: Request, source: Endpoint) -> Reply | None:
        """Return what refuses a request, or None.

        Raises:
            ParseError: Its From cannot be read.
        """
        refused = self._judge(request, source) if self._concerns(request, source) else None
        if refused is None and self._authorize is not None:
            return self._authorize(request, source)
        return refused

    def _concerns(self, request: Request, source: Endpoint) -> bool:
        if request.method not in self._methods or request.to_tag or source.host in self._trusted:
            return False
        caller = request.from_.uri
        if not isinstance(caller, Uri) or not self._shared.identity.is_responsible(caller):
            return False
        return not self._comes_back(request, source)

    def _comes_back(self, request: Request, source: Endpoint) -> bool:
        """Whether it is a request of ours that has led to us again, as a call forwarded to another user.

        It was let through before, and its credentials are gone. Who got it knows its branch as well, but does
        not send from our address.
        """
        via, shared = request.via, self._shared
        at_home = shared.identity.is_own_via(via) and source.host == via.host
        return at_home and shared.outbound.awaits(request)

    def _judge(self, request: Request, source: Endpoint) -> Reply | None:
        shared = self._shared
        verdict = self._server.authenticate(request, shared.now)
        if isinstance(verdict, Challenged):
            return Reply(verdict.status_code, verdict.fields)
        username = verdict.username if isinstance(verdict, Authenticated) else ""
        if not self._may_call_as(username, request):
            return Reply(403)
        if shared.admission is not None:
            shared.admission.bans.welcome(source)
        return None

    def _may_call_as(self, username: str, request: Request) -> bool:
        caller = request.from_.uri
        if self._owns is not None:
            return self._owns(username, address_of_record(caller))
        return is_own_address(username, caller)
