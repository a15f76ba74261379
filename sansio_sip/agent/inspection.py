"""What refuses a request outside of any dialog before anybody looks into it (RFC 3261 §8.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .bodies import ACCEPT_FIELDS, SUPPORTED_BODIES, refusal_of_body
from .methods import IN_DIALOG, KNOWN_METHODS
from .sender import focus_contact

if TYPE_CHECKING:
    from ..message import Request
    from .core import Core

__all__ = ["Inspection"]

_Fields = tuple[tuple[str, str], ...]
_GOOD: tuple[int, _Fields] = (0, ())


class Inspection:
    """Judges requests by their headers.

    Args:
        core: What the parts of the agent share.
    """

    __slots__ = ("_core", "_own_bodies", "_own_rules")

    def __init__(self, core: Core) -> None:
        self._core = core
        # A registrar and the application judge all but the method by rules of their own.
        self._own_rules = core.config.handed_over | {"REGISTER"}
        self._own_bodies = frozenset({"MESSAGE", "PUBLISH"})

    def refusal_of_method(self, method: str) -> tuple[int, _Fields]:
        """Return what refuses a method that nothing answers (§8.2.1)."""
        if method not in KNOWN_METHODS:
            return 501, ()
        if method in IN_DIALOG:
            return 481, ()
        return 405, (("Allow", ", ".join(self._core.methods)),)

    def unsupported(self, request: Request) -> _Fields:
        """Return the field that names what a request demands and we do not know (§8.2.2.3)."""
        required = request.require
        if not required:
            return ()
        supported = self._core.invite_config.supported
        unknown = [tag for tag in required if tag not in supported]
        return (("Unsupported", ", ".join(unknown)),) if unknown else ()

    def refusal_of(self, request: Request, *, full: bool) -> tuple[int, _Fields]:
        """Return what refuses a request, in the order of RFC 3261 §8.2, or status 0.

        Args:
            request: The request.
            full: Whether there is no room for another one.

        Raises:
            ParseError: A header cannot be read.
        """
        method = request.method
        judged = method in self._own_rules or method not in KNOWN_METHODS
        if not judged:
            if request.uri.partition(":")[0].lower() not in ("sip", "sips", "tel"):
                return 416, ()
            if unsupported := self.unsupported(request):
                return 420, unsupported
        config, invite = self._core.config, method == "INVITE"
        if invite and (refusal := config.session_timer.refusal_of(request)):
            return 422, refusal
        if full:
            self._core.counters.calls_refused += invite
            return 503, (("Retry-After", str(config.retry_after)),)
        return _GOOD if judged or method in self._own_bodies else refusal_of_body(request)

    def capabilities(self, uri: str, allow_events: _Fields) -> _Fields:
        """Return what an OPTIONS is told (§11.2); at the URI of a conference, that it is one."""
        core = self._core
        focus = core.foci.find(uri)
        texts = () if core.config.pager is None else core.config.pager.content_types
        fields: list[tuple[str, str]] = [
            ("Allow", ", ".join(core.methods)),
            *allow_events,
            ("Accept", ", ".join((*SUPPORTED_BODIES, *texts))),
            *ACCEPT_FIELDS[1:],
            ("Supported", ", ".join(core.invite_config.supported)),
            ("Contact", focus_contact(core.config, focus) if focus else core.config.contact),
        ]
        if core.config.software:
            fields.append(("Server", core.config.software))
        return tuple(fields)
