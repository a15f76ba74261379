"""Answers to digest challenges, on the client's side (RFC 3261 §22, RFC 8760)."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import ParseError
from ..message import Request, Response, quote_string
from .challenge import AuthParams, Challenge, parse_auth_params, parse_challenge
from .credentials import Credentials
from .digest import digest_response, hash_username, is_supported

__all__ = ["DigestClient"]

_HEADERS = {"www-authenticate": "Authorization", "proxy-authenticate": "Proxy-Authorization"}

# A server chooses realms and nonces, so what it can make us remember is bounded.
_MAX_REMEMBERED = 64
# "stale" promises that the next try succeeds; a server that promises it for ever is not believed.
_MAX_ROUNDS = 3


_Answer = tuple[str, Challenge, Credentials]
"""What is answered in which header, and with what."""


class DigestClient:
    """Keeps credentials and counts how often each nonce was used.

    Args:
        credentials: Tried in order; the first whose realm fits answers a challenge.

    Attributes:
        counts: How often each nonce was used, by realm and nonce.
    """

    __slots__ = ("_credentials", "_rounds", "counts")

    def __init__(self, credentials: Iterable[Credentials]) -> None:
        self._credentials = tuple(credentials)
        self.counts: dict[tuple[str, str], int] = {}
        self._rounds: dict[tuple[str, str], int] = {}

    def __repr__(self) -> str:
        return f"<DigestClient {self._credentials!r} nonces={len(self.counts)}>"

    def authorize(self, request: Request, response: Response, *, cnonce: str) -> bool:
        """Put the answers to a 401 or 407 into the request that is to be sent next.

        Of several challenges of one realm the topmost supported one is answered (RFC 8760 §2.4).
        CSeq and branch are the caller's to renew.

        Args:
            request: The challenged request, or a copy of it with its credentials.
            response: The 401 or 407.
            cnonce: A fresh random client nonce.

        Returns:
            False, with the request unchanged, when no challenge can be answered or the credentials
            that the request carries were refused.
        """
        answers: list[_Answer] = []
        for key, name in _HEADERS.items():
            for challenge in _pick(response.get_all(key)):
                credentials = self._credentials_for(challenge.realm)
                if credentials is None:
                    continue
                if not self._may_retry(request, name, challenge):
                    return False
                answers.append((name, challenge, credentials))
        if answers:
            answered = {(name, challenge.realm) for name, challenge, _ in answers}
            answers = [*self._renewed(request, answered), *answers]
        for name, challenge, credentials in answers:
            _remove_answer(request, name, challenge.realm)
            request.add(name, self._answer(request, challenge, credentials, cnonce))
        return bool(answers)

    def _renewed(self, request: Request, answered: set[tuple[str, str]]) -> list[_Answer]:
        """Return what the request carries for others, to be counted anew (RFC 7616 §3.4, ``nc``)."""
        renewed: list[_Answer] = []
        for name in _HEADERS.values():
            # Credentials have the parameters of their challenge.
            for carried in _pick(request.get_all(name.lower())):
                credentials = self._credentials_for(carried.realm)
                if carried.qop and credentials is not None and (name, carried.realm) not in answered:
                    renewed.append((name, carried, credentials))
        return renewed

    def _credentials_for(self, realm: str) -> Credentials | None:
        return next((item for item in self._credentials if item.realm in (None, realm)), None)

    def _may_retry(self, request: Request, name: str, challenge: Challenge) -> bool:
        """Decide whether another try can help, from the credentials that the request carries."""
        slot = (name, challenge.realm)
        carried = next(
            (params for params in _answers(request, name) if params.get("realm") == challenge.realm), None
        )
        if carried is None:
            self._rounds.pop(slot, None)
            return True
        # A nonce that worked before may be replaced without "stale"; a fresh one that failed means
        # that the password is wrong, and a server that counts failures would lock the account.
        reused = carried.get("nonce") != challenge.nonce and carried.get("nc", "00000001") != "00000001"
        rounds = _remember(self._rounds, slot)
        return (challenge.stale or reused) and rounds <= _MAX_ROUNDS

    def _answer(self, request: Request, challenge: Challenge, user: Credentials, cnonce: str) -> str:
        qop = None
        if challenge.qop:
            qop = "auth" if "auth" in challenge.qop else "auth-int"
        count = f"{_remember(self.counts, (challenge.realm, challenge.nonce)):08x}"
        digest = digest_response(
            username=user.username,
            realm=challenge.realm,
            password=user.password,
            method=request.method,
            uri=request.uri,
            nonce=challenge.nonce,
            algorithm=challenge.algorithm,
            qop=qop,
            nc=count,
            cnonce=cnonce,
            body=request.body,
        )
        name = user.username
        if challenge.userhash:
            name = hash_username(name, challenge.realm, challenge.algorithm)
        parts = [
            f"Digest username={quote_string(name)}",
            f'realm="{challenge.realm}"',
            f'nonce="{challenge.nonce}"',
            f'uri="{request.uri}"',
            f'response="{digest}"',
        ]
        if challenge.algorithm is not None:
            parts.append(f"algorithm={challenge.algorithm}")
        if challenge.userhash:
            parts.append("userhash=true")
        if challenge.opaque is not None:
            parts.append(f'opaque="{challenge.opaque}"')
        if qop is not None:
            parts += [f'cnonce="{cnonce}"', f"qop={qop}", f"nc={count}"]
        elif challenge.algorithm is not None and challenge.algorithm.lower().endswith("-sess"):
            parts.append(f'cnonce="{cnonce}"')
        return ", ".join(parts)


def _remember(table: dict[tuple[str, str], int], key: tuple[str, str]) -> int:
    """Count a use, and forget the oldest entry when there are too many."""
    count = table.pop(key, 0) + 1
    table[key] = count
    if len(table) > _MAX_REMEMBERED:
        del table[next(iter(table))]
    return count


def _pick(values: Iterable[str]) -> list[Challenge]:
    """Give the topmost challenge of each realm that can be answered."""
    picked: dict[str, Challenge] = {}
    for value in values:
        try:
            challenge = parse_challenge(value)
        except ParseError:
            continue  # another one may be readable
        if "\0" in value:
            continue  # it could not be sent back
        if challenge.scheme != "digest" or not is_supported(challenge.algorithm):
            continue
        if challenge.qop and not {"auth", "auth-int"} & set(challenge.qop):
            continue
        picked.setdefault(challenge.realm, challenge)
    return list(picked.values())


def _answers(request: Request, name: str) -> list[AuthParams]:
    return [params for value in request.get_all(name.lower()) if (params := _digest_params(value))]


def _digest_params(value: str) -> AuthParams:
    try:
        scheme, params = parse_auth_params(value, "authorization")
    except ParseError:
        return {}
    return params if scheme == "digest" else {}


def _remove_answer(request: Request, name: str, realm: str) -> None:
    key = name.lower()
    kept = [value for value in request.get_all(key) if _digest_params(value).get("realm") != realm]
    request.remove(key)
    for value in kept:
        request.add(name, value)
