"""Digest authentication, server's side (RFC 3261 §22, RFC 7616, RFC 8760)."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..errors import ParseError
from ..message import unquote_string
from .challenge import AuthParams, build_challenge, parse_auth_params
from .digest import digest_from_hash
from .nonces import NonceStore, NonceUse
from .secret import Secret
from .verdict import Authenticated, ChallengeCause, Challenged, Exempt, Verdict

if TYPE_CHECKING:
    from ..message import Request
    from .secret import SecretLookup
    from .server_config import DigestServerConfig
    from .user_hash import UserFinder

__all__ = ["DigestServer"]

_COUNT = re.compile(r"[0-9a-fA-F]{8}", re.ASCII)
# An unknown user costs the same time as a wrong password, so that nobody learns who exists.
_NOBODY = Secret("nobody has this password")


class DigestServer:
    """Judges the credentials of requests and makes challenges.

    Args:
        config: See `DigestServerConfig`.
        lookup: Gives the secret of a user.
        nonces: Makes and remembers nonces; may be shared by several realms.
        serves: Tells whether a request for the URI in the credentials is accepted (RFC 8760 §2.6, point 6);
            it may differ from the Request-URI. None accepts every one.
        find_user: Gives the name that a hash stands for, such as `HashedNames`; with it clients may hide
            their users' names (RFC 7616 §3.4.4).
    """

    __slots__ = ("_algorithms", "_config", "_find_user", "_lookup", "_nonces", "_serves")

    def __init__(
        self,
        config: DigestServerConfig,
        lookup: SecretLookup,
        nonces: NonceStore,
        *,
        serves: Callable[[str], bool] | None = None,
        find_user: UserFinder | None = None,
    ) -> None:
        self._config = config
        self._lookup = lookup
        self._nonces = nonces
        self._serves = serves
        self._find_user = find_user
        self._algorithms = {name.lower(): name for name in config.algorithms}

    def __repr__(self) -> str:
        return f"<DigestServer {self._config.realm!r} {self._nonces!r}>"

    def authenticate(self, request: Request, now: float) -> Verdict:
        """Judge a request.

        Args:
            request: The request.
            now: Current time in seconds.

        Returns:
            Who sent it, or the challenge to answer it with.
        """
        if request.method in ("ACK", "CANCEL"):
            return Exempt()
        header = "proxy-authorization" if self._config.proxy else "authorization"
        cause, username = ChallengeCause.MISSING, ""
        for params in self._own(request.get_all(header)):
            username = self._name_of(params)
            found = self._judge(request, params, username, now)
            if isinstance(found, Authenticated):
                return found
            cause = found
        return self.challenge(now, cause, username)

    def challenge(
        self, now: float, cause: ChallengeCause = ChallengeCause.MISSING, username: str = ""
    ) -> Challenged:
        """Make a challenge with a new nonce, one header field for each algorithm (RFC 8760 §2.3).

        Args:
            now: Current time in seconds.
            cause: Why.
            username: The name that was given.
        """
        config = self._config
        stale = cause in (ChallengeCause.STALE, ChallengeCause.REPLAYED)
        nonce = self._nonces.issue(now)
        name = "Proxy-Authenticate" if config.proxy else "WWW-Authenticate"
        values = [
            build_challenge(
                config.realm,
                nonce,
                algorithm=algorithm,
                qops=config.qops,
                opaque=config.opaque,
                stale=stale,
                userhash=self._find_user is not None,
            )
            for algorithm in config.algorithms
        ]
        fields = tuple([(name, value) for value in values])
        return Challenged(407 if config.proxy else 401, fields, cause, username, stale)

    def _name_of(self, params: AuthParams) -> str:
        """Return the user's name; a hash that stands for nobody is returned as it is, nobody's name."""
        name = unquote_string(f'"{params.get("username", "")}"')
        if self._find_user is None or params.get("userhash", "").lower() != "true":
            return name
        algorithm = self._algorithms.get(params.get("algorithm", "MD5").lower())
        found = None if algorithm is None else self._find_user(name, self._config.realm, algorithm)
        return name if found is None else found

    def _own(self, values: list[str]) -> list[AuthParams]:
        """Return the credentials for our realm, as many as are looked at."""
        own: list[AuthParams] = []
        for value in values:
            try:
                scheme, params = parse_auth_params(value, "authorization")
            except ParseError:
                continue
            # Another scheme, Basic above all, is never accepted (RFC 3261 §22).
            if scheme == "digest" and params.get("realm") == self._config.realm:
                own.append(params)
        return own[: self._config.max_credentials]

    def _judge(
        self, request: Request, params: AuthParams, username: str, now: float
    ) -> Authenticated | ChallengeCause:
        algorithm = self._algorithms.get(params.get("algorithm", "MD5").lower())
        qop = params["qop"].lower() if "qop" in params else None
        if algorithm is None or not self._is_usable(params, algorithm, qop):
            return ChallengeCause.UNUSABLE
        if not self._is_right(request, params, username, algorithm, qop):
            return ChallengeCause.WRONG
        count = None if qop is None else int(params["nc"], 16)
        # Only a right digest touches the nonce: a stranger can neither use it up nor fill the memory.
        use = self._nonces.use(params["nonce"], count, now)
        if use is NonceUse.GOOD:
            return Authenticated(username, self._config.realm, algorithm, qop)
        return ChallengeCause.STALE if use is NonceUse.STALE else ChallengeCause.REPLAYED

    def _is_usable(self, params: AuthParams, algorithm: str, qop: str | None) -> bool:
        if not all(params.get(name) for name in ("username", "nonce", "uri", "response")):
            return False
        if self._serves is not None and not self._serves(params["uri"]):
            return False
        if qop is None:  # -sess needs a cnonce, which there is none of without a qop
            return self._config.allow_no_qop and not algorithm.lower().endswith("-sess")
        count = params.get("nc", "")
        good_count = _COUNT.fullmatch(count) is not None and int(count, 16) > 0
        return qop in self._config.qops and good_count and bool(params.get("cnonce"))

    def _is_right(
        self, request: Request, params: AuthParams, username: str, algorithm: str, qop: str | None
    ) -> bool:
        realm = self._config.realm
        secret = self._lookup(username, realm)
        known = secret.user_hash(username, realm, algorithm) if secret is not None else None
        expected = digest_from_hash(
            known or _NOBODY.user_hash(username, realm, algorithm) or "",
            method=request.method,
            uri=params["uri"],
            nonce=params["nonce"],
            algorithm=algorithm,
            qop=qop,
            nc=params.get("nc", ""),
            cnonce=params.get("cnonce", ""),
            body=request.body,
        )
        given = params["response"].lower().encode("utf-8", "surrogateescape")
        return hmac.compare_digest(expected.encode(), given) and known is not None
