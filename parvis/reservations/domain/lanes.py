"""Things that happen at the same time, side by side: which lane each takes, and of how many."""

from collections.abc import Sequence


def lanes(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """For each span (from, until; until after from) its lane, 0 first, and how many lanes share the width.

    Spans that touch, one ending as the other begins, do not meet. Answers stand in the order of `spans`.
    """
    order = sorted(range(len(spans)), key=lambda i: (spans[i][0], -spans[i][1], i))
    lane_of: dict[int, int] = {}
    width_of: dict[int, int] = {}
    cluster: list[int] = []
    ends: list[int] = []  # when each lane of the cluster at hand is free again
    for i in order:
        begin, end = spans[i]
        if ends and begin >= max(ends):
            width_of.update(dict.fromkeys(cluster, len(ends)))
            cluster, ends = [], []
        lane = next((n for n, until in enumerate(ends) if until <= begin), len(ends))
        if lane == len(ends):
            ends.append(end)
        else:
            ends[lane] = end
        lane_of[i] = lane
        cluster.append(i)
    width_of.update(dict.fromkeys(cluster, len(ends)))
    return [(lane_of[i], width_of[i]) for i in range(len(spans))]
