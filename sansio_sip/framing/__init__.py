"""Where one message ends and the next begins, per transport."""

from .datagram import is_keep_alive, receive_datagram
from .keep_alive import PING, PONG, KeepAlive
from .stream import StreamFramer
from .stun import answer_stun
from .stun_keep_alive import KeepAliveAnswered, KeepAliveEvent, KeepAliveFailed, StunKeepAlive
from .websocket import SUBPROTOCOL, WebSocketFramer, to_websocket

__all__ = [
    "PING",
    "PONG",
    "SUBPROTOCOL",
    "KeepAlive",
    "KeepAliveAnswered",
    "KeepAliveEvent",
    "KeepAliveFailed",
    "StreamFramer",
    "StunKeepAlive",
    "WebSocketFramer",
    "answer_stun",
    "is_keep_alive",
    "receive_datagram",
    "to_websocket",
]
