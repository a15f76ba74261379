"""Conferences, and those who watch them."""
