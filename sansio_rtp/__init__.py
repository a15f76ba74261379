"""RTP, RTCP, codecs and audio as pure code: bytes and numbers in, bytes and events out."""
