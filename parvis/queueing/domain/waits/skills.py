"""Who serves what, where nobody says so: judged from what each has taken lately."""

from __future__ import annotations

import numpy as np

from .history import Floats

_KEPT = 0.97  # of what was seen before, with each call: some thirty calls are remembered
_FAIR = 0.15  # of a service's share of all calls: who takes that much of it is thought to serve it
_LEAST = 0.01


class Evidence:
    """What each of S servers took of K services, the older the lighter."""

    def __init__(self, servers: int, share: Floats) -> None:
        """share: (K,) of each service among all calls; a newcomer is thought to take that."""
        self._share = np.maximum(share, 1e-6) / np.maximum(share, 1e-6).sum()
        self._took = np.zeros((servers, len(share)))

    def saw(self, server: int, service: int) -> None:
        """That server called somebody for that service."""
        self._took[server] *= _KEPT
        self._took[server, service] += 1

    def chances(self) -> Floats:
        """(S, K) how likely it is that a server serves a service."""
        share = (self._took + self._share) / (self._took.sum(1, keepdims=True) + 1)
        return np.asarray(np.clip(share / (_FAIR * self._share), _LEAST, 1.0))
