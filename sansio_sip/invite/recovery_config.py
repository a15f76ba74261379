"""How often a peer that fell silent is asked before the call is given up."""

from __future__ import annotations

import attrs

__all__ = ["RecoveryConfig"]


@attrs.frozen(kw_only=True)
class RecoveryConfig:
    """How a call behaves when a request in it gets no answer.

    Attributes:
        probes: How many OPTIONS are sent before the call is given up.
        first_delay: Seconds between the first and the second; each further delay is twice as long.
        max_delay: Seconds of the longest delay.
    """

    probes: int = attrs.field(default=3, validator=attrs.validators.ge(1))
    first_delay: float = attrs.field(default=2.0, validator=attrs.validators.gt(0))
    max_delay: float = attrs.field(default=30.0, validator=attrs.validators.gt(0))
