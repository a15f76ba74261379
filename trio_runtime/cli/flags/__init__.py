"""What can be written after a verb, and what it means."""
