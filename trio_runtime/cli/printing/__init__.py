"""What the command line says: lines, JSON, tables."""
