"""SIP and SDP as pure code: bytes in, messages and events out."""
