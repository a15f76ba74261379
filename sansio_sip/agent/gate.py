"""Asks senders for credentials before anything else is looked at (RFC 3261 §8.2, §22)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..auth import Authenticated, ChallengeCause, Challenged, DigestServers
from .events import CredentialsRefused

if TYPE_CHECKING:
    from ..auth import AuthenticationConfig, SecretLookup
    from ..transaction import RequestReceived
    from .core import Core

__all__ = ["Gate"]

_HARMLESS = frozenset({ChallengeCause.MISSING, ChallengeCause.STALE})


class Gate:
    """Lets requests in, or challenges them.

    Args:
        core: What the parts of the agent share.
        config: Whom to ask.
        secrets: Knows the users that the configuration does not list.

    Attributes:
        for_registrar: What judges the credentials of a REGISTER, where it needs some.
    """

    __slots__ = ("_core", "_methods", "_server", "_trusted", "for_registrar")

    def __init__(self, core: Core, config: AuthenticationConfig, secrets: SecretLookup | None) -> None:
        self._core = core
        self._trusted = config.trusted_hosts
        # A registrar judges its requests itself: the count of a nonce is good once.
        self._methods = config.methods - {"REGISTER"} if core.config.registrar else config.methods
        self._server = DigestServers(config, secrets, core.ids).end
        self.for_registrar = self._server if "REGISTER" in config.methods else None

    def admit(self, event: RequestReceived) -> str | None:
        """Return whose password the sender knows, empty when nobody asks; ``None`` after a challenge."""
        key, request, source = event
        if request.method not in self._methods or source.host in self._trusted:
            return ""
        core = self._core
        verdict = self._server.authenticate(request, core.now)
        bans = None if core.admission is None else core.admission.bans
        if isinstance(verdict, Challenged):
            core.counters.challenged += 1
            if bans is not None:
                bans.unauthorised(source, core.now)
            if verdict.cause not in _HARMLESS:
                refused = CredentialsRefused(request.method, source, verdict.username, verdict.cause)
                core.out.events.append(refused)
            core.respond(key, request, verdict.status_code, verdict.fields)
            return None
        if bans is not None:
            bans.welcome(source)
        return verdict.username if isinstance(verdict, Authenticated) else ""
