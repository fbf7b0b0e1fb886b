"""Queueing: who waits, who is served, and how long it will take (F5)."""
