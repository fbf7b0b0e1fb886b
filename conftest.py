"""Fixtures for every test of the house."""

from tests.world import world

__all__ = ["world"]
