"""Credentials and challenges as header text: a scheme with parameters (RFC 3261 §25.1, RFC 7616 §3.3)."""

from __future__ import annotations

import re
from typing import TypeAlias

import attrs

from ..message.names import is_token
from ._reading import fault

__all__ = ["AuthParams", "AuthValue", "parse_auth_info", "parse_auth_params"]

AuthParams: TypeAlias = dict[str, str]
"""Parameters by lower-case name; of a quoted string the text between the quotes, escapes kept."""

_RULE = "RFC 3261 §25.1 challenge"
_TOKEN = r"[A-Za-z0-9\-.!%*_+`'~]++"
_SCHEME = re.compile(rf"({_TOKEN})(?:[ \t]++(.*+))?", re.DOTALL)
# The comma may be missing: even RFC 3665 §2.1 prints an example without one.
_PARAM = re.compile(
    rf'[ \t,]*+({_TOKEN})[ \t]*+=[ \t]*+(?:"([^"\\]*+(?:\\.[^"\\]*+)*+)"|([^ \t,"]*+))[ \t,]*+', re.DOTALL
)
# These are tokens even where their text would need no quotes; a quoted nc is refused by many servers.
_BARE = frozenset({"algorithm", "nc", "stale", "userhash"})


def parse_auth_params(value: str, header: str) -> tuple[str, AuthParams]:
    """Read the scheme and parameters of an authentication header.

    Args:
        value: The raw value.
        header: Key of the header field, for the error.

    Returns:
        The scheme in lower case, and its parameters.

    Raises:
        ParseError: There is no scheme, or a digest parameter cannot be read.
    """
    match = _SCHEME.fullmatch(value)
    if match is None:
        raise fault("there is no scheme", header, _RULE)
    scheme, text = match[1].lower(), match[2] or ""
    params: AuthParams = {}
    position = 0
    while position < len(text):
        param = _PARAM.match(text, position)
        if param is None:
            # Other schemes may carry one token instead of parameters.
            if scheme == "digest":
                raise fault("a parameter cannot be read", header, _RULE)
            break
        name, quoted, token = param.groups()
        params.setdefault(name.lower(), token if quoted is None else quoted)
        position = param.end()
    return scheme, params


@attrs.frozen
class AuthValue:
    """One value of WWW-Authenticate, Proxy-Authenticate, Authorization or Proxy-Authorization.

    Attributes:
        scheme: Scheme in lower case, such as ``digest``.
        params: Parameters in order: lower-case names, and text as it stands between the quotes.
    """

    scheme: str
    params: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, text: str, header: str = "authorization") -> AuthValue:
        """Read a value.

        Raises:
            ParseError: There is no scheme, or a digest parameter cannot be read.
        """
        scheme, params = parse_auth_params(text, header)
        return cls(scheme, tuple(params.items()))

    def param(self, name: str) -> str | None:
        """Return a parameter by its lower-case name, None when absent."""
        return next((value for key, value in self.params if key == name), None)

    def __str__(self) -> str:
        return f"{self.scheme.capitalize()} {_write(self.params)}".rstrip(" ")


def parse_auth_info(text: str) -> tuple[tuple[str, str], ...]:
    """Read an Authentication-Info value: parameters without a scheme (RFC 3261 §20.6).

    Raises:
        ParseError: A parameter cannot be read.
    """
    _, params = parse_auth_params(f"digest {text}", "authentication-info")
    return tuple(params.items())


def _write(params: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(
        [
            f"{name}={value}" if name in _BARE and is_token(value) else f'{name}="{value}"'
            for name, value in params
        ]
    )
