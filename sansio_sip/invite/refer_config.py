"""How calls deal with REFER."""

from __future__ import annotations

import attrs

__all__ = ["ReferConfig"]


@attrs.frozen(kw_only=True)
class ReferConfig:
    """Limits of the transfers of one call.

    Attributes:
        accept: Whether the user is asked about a REFER of the peer; else it is refused with 603.
        expires: Seconds that the subscription of a REFER lasts; longer than a phone rings (RFC 3515
            §3.4).
        pause: Seconds between two NOTIFYs about one REFER at least (§3.10); 0 for none.
        max_open: How many REFERs may be open at once in one call, ours and the peer's.
    """

    accept: bool = True
    expires: float = attrs.field(default=180.0, validator=attrs.validators.ge(1))
    pause: float = attrs.field(default=1.0, validator=attrs.validators.ge(0))
    max_open: int = attrs.field(default=8, validator=attrs.validators.ge(1))
