"""A Trio runtime for SIP calls: sockets, clock and tasks around the pure packages."""
