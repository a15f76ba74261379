"""How it went when a conference called somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from sansio_sip.invite import CallEnd
    from trio_runtime.session import Call

__all__ = ["DialOut"]


@attrs.frozen
class DialOut:
    """How it went when a conference called somebody.

    Attributes:
        call: The call.
        end: How it ended; None when it is in the conference.
    """

    call: Call
    end: CallEnd | None

    @property
    def joined(self) -> bool:
        """Whether it is in the conference."""
        return self.end is None
