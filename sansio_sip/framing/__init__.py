"""Where one message ends and the next begins, per transport."""

from .datagram import is_keep_alive, receive_datagram

__all__ = ["is_keep_alive", "receive_datagram"]
