"""Matrices of ours are small: threads of the linear algebra library would only wait for each other, at the cost of
others."""

from __future__ import annotations

from contextlib import AbstractContextManager


def one_thread() -> AbstractContextManager[object]:
    """While this is entered, products of matrices stay on one core."""
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[object] = threadpool_limits(1, user_api="blas")
    return limits
