"""Half-open intervals ``[start, end)`` of aware instants.

The functions take and return plain pairs; what they return is sorted, and its pairs do not touch. Pairs
whose end is not after their start are empty and vanish. Instants are compared as given, so they should all
be in UTC: Python compares two times of the same zone by their clocks, which is wrong in the hour that comes
twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

Interval = tuple[datetime, datetime]


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """The same instants in as few intervals as possible: overlapping and touching ones become one."""
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if end <= start:
            continue
        if merged and start <= merged[-1][1]:
            if end > merged[-1][1]:
                merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def subtract(intervals: Iterable[Interval], taken: Iterable[Interval]) -> list[Interval]:
    """The instants of ``intervals`` that are in none of ``taken``."""
    holes = merge(taken)
    left: list[Interval] = []
    for start, end in merge(intervals):
        for hole_start, hole_end in holes:
            if hole_end <= start:
                continue
            if hole_start >= end:
                break
            if hole_start > start:
                left.append((start, hole_start))
            start = hole_end
        if start < end:
            left.append((start, end))
    return left


def intersect(one: Iterable[Interval], other: Iterable[Interval]) -> list[Interval]:
    """The instants that are in both."""
    others = merge(other)
    return merge((max(a, c), min(b, d)) for a, b in merge(one) for c, d in others)


def clip(intervals: Iterable[Interval], start: datetime, end: datetime) -> list[Interval]:
    """The instants of ``intervals`` within ``[start, end)``."""
    return merge((max(a, start), min(b, end)) for a, b in intervals)


def total(intervals: Iterable[Interval]) -> timedelta:
    """How long they last together; instants in several intervals count once."""
    return sum((end - start for start, end in merge(intervals)), timedelta())
