"""What every floor of the runtime stands on: errors, configuration, types, clock and the ports of I/O."""
