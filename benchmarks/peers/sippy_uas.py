"""A UAS made of sippy's user agent: 180 and 200 with a description; argument: the port."""

import sys

import sippy.Udp_server
from sippy.CCEvents import CCEventConnect, CCEventRing, CCEventTry
from sippy.Core.EventDispatcher import ED2
from sippy.MsgBody import MsgBody
from sippy.SipConf import SipConf
from sippy.SipTransactionManager import SipTransactionManager
from sippy.UA import UA

# Its several sender threads would let a 200 overtake the 180.
sippy.Udp_server.Udp_server_opts.nworkers = 1
SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 6000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
)


class NoLog:
    level = 99

    def write(self, *_arguments, **_options):
        return None

    def shutdown(self):
        return None


CONFIG = {"_sip_address": "127.0.0.1", "_sip_port": int(sys.argv[1]), "_sip_logger": NoLog()}


def on_event(event, ua):
    if isinstance(event, CCEventTry):
        ua.recvEvent(CCEventRing((180, "Ringing", None)))
        ua.recvEvent(CCEventConnect((200, "OK", MsgBody(SDP))))


def on_request(request, transaction):
    if request.getHFBody("to").getTag() is not None:
        return request.genResponse(481, "Call Leg/Transaction Does Not Exist"), None, None
    if request.getMethod() == "INVITE":
        return UA(CONFIG, event_cb=on_event).recvRequest(request, transaction)
    return request.genResponse(501, "Not Implemented"), None, None


SipConf.my_uaname = "bench"
CONFIG["_sip_tm"] = SipTransactionManager(CONFIG, on_request)
ED2.loop()
