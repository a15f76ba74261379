"""Whether a SUBSCRIBE can be served at all (RFC 6665 §4.2.1.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..errors import ParseError, RemoteProtocolError
from .event_match import event_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..headers import EventType
    from ..message import Request
    from .package import EventPackage

__all__ = [
    "Admission",
    "AdmissionRefused",
    "admit",
    "allow_events",
    "granted_expires",
    "requested_package",
]


class AdmissionRefused(RemoteProtocolError):
    """A SUBSCRIBE or PUBLISH that cannot be served.

    Attributes:
        fields: What the answer has to say besides its status.
    """

    def __init__(self, message: str, status: int, fields: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message, status_hint=status)
        self.fields = fields


@attrs.frozen
class Admission:
    """What a SUBSCRIBE asks for and gets.

    Attributes:
        event: Package and parameters.
        package: The rules of the package.
        expires: Seconds that are granted; 0 for a fetch or an end.
    """

    event: EventType
    package: EventPackage
    expires: int


def allow_events(packages: Mapping[str, EventPackage]) -> tuple[tuple[str, str], ...]:
    """Return the Allow-Events field: every package that we can notify of (§4.4.4)."""
    return (("Allow-Events", ", ".join(packages)),)


def admit(request: Request, packages: Mapping[str, EventPackage]) -> Admission:
    """Return what a SUBSCRIBE gets.

    Args:
        request: The SUBSCRIBE.
        packages: The packages that are served, by name.

    Raises:
        AdmissionRefused: The package is not known (489), its bodies are not accepted (406), or the
            interval is too brief (423).
        ParseError: Expires or Accept cannot be read.
    """
    event, package = requested_package(request, packages)
    if not _accepts(request, package.content_type):
        raise AdmissionRefused("no body type of the package is accepted", 406)
    return Admission(event, package, granted_expires(request, package))


def requested_package(
    request: Request, packages: Mapping[str, EventPackage]
) -> tuple[EventType, EventPackage]:
    """Return the package that a SUBSCRIBE or PUBLISH names.

    Raises:
        AdmissionRefused: There is none that we know (489).
    """
    try:
        event = event_of(request)
    except ParseError as error:
        raise AdmissionRefused(str(error), 489, allow_events(packages)) from error
    package = packages.get(event.package)
    if package is None:
        raise AdmissionRefused(f"package {event.package!r} is not known", 489, allow_events(packages))
    return event, package


def granted_expires(request: Request, package: EventPackage) -> int:
    """Return the seconds that a request gets, never more than it wants.

    Raises:
        AdmissionRefused: It wants too few (423 with Min-Expires).
        ParseError: Expires cannot be read.
    """
    wanted = request.expires
    if package.is_too_brief(wanted):
        raise AdmissionRefused("the interval is too brief", 423, (("Min-Expires", str(package.min_expires)),))
    return package.granted(wanted)


def _accepts(request: Request, content_type: str) -> bool:
    ranges = [value.partition(";")[0].strip(" \t").lower() for value in request.values("accept")]
    family = content_type.partition("/")[0]
    return not ranges or not {content_type, f"{family}/*", "*/*"}.isdisjoint(ranges)
