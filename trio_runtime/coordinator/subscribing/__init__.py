"""Subscriptions to the state of others, and publications of our own."""
