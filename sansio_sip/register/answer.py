"""The 200 to a REGISTER (RFC 3261 §10.3, step 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..headers.date import format_date
from .address import public_gruu
from .binding import by_preference

if TYPE_CHECKING:
    from ..message import Request, Uri
    from .binding import Binding
    from .registrar_config import RegistrarConfig

__all__ = ["success_fields"]


def success_fields(
    config: RegistrarConfig,
    request: Request,
    address: Uri,
    bindings: tuple[Binding, ...],
    now: float,
    *,
    outbound: bool,
) -> tuple[tuple[str, str], ...]:
    """Return the header fields of the 200.

    Args:
        config: The registrar's.
        request: The request.
        address: The address of record.
        bindings: All of its bindings now.
        now: Current time in seconds.
        outbound: Whether the request registered a flow.
    """
    wants_gruu = config.gruu and "gruu" in request.supported
    fields: list[tuple[str, str]] = []
    for binding in by_preference(bindings):
        gruu = public_gruu(address, binding.instance) if wants_gruu and binding.instance else ""
        fields.append(("Contact", binding.contact_value(now, gruu)))
    fields += [("Path", value) for value in request.values("path")]  # RFC 3327 §5.3
    fields += [("Service-Route", value) for value in config.service_route]
    if outbound and "outbound" in request.supported:
        fields.append(("Require", "outbound"))
        if config.flow_timer is not None:
            fields.append(("Flow-Timer", str(config.flow_timer)))
    if config.epoch is not None:
        fields.append(("Date", format_date(config.epoch + now)))
    return tuple(fields)
