"""Calls that hear each other, mixed."""
