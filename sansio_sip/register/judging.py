"""A REGISTER and the bans: who only guesses passwords is soon not heard any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..admission.bans import Bans
    from ..transaction import RequestReceived
    from .registrar import Registrar

__all__ = ["judge_register"]


def judge_register(registrar: Registrar, event: RequestReceived, now: float, bans: Bans | None) -> None:
    """Give a REGISTER to a registrar, and let the bans know what it thinks of who sent it.

    Args:
        registrar: Answers it.
        event: The REGISTER.
        now: Current time in seconds.
        bans: Who is not heard any more; None where nobody is banned, or nobody is asked for a password.
    """
    challenged = registrar.statistics.challenged
    registrar.receive_request(event.key, event.request, event.source, now)
    if bans is None:
        return
    if registrar.statistics.challenged > challenged:
        bans.unauthorised(event.source, now)
    elif registrar.username:
        bans.welcome(event.source)
