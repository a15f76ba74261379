"""Calls whose packets pass to each other without being decoded."""
