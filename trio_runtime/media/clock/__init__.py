"""The media clock: one task that reads all sockets and moves all streams."""
