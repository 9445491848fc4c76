"""What the process holds of memory: less of it walked through, less of it kept for nothing."""

from __future__ import annotations

import contextlib
import ctypes
import gc

#: The parameter of mallopt(3) for how many heaps threads may have of their own.
_M_ARENA_MAX = -8


def share_one_heap() -> None:
    """Let all threads use one heap (glibc only); called before there are threads.

    Each heap keeps what it once needed, and the threads of a daemon take turns anyway.
    """
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def settle() -> None:
    """Keep Python's collector from looking through what stays as long as the process.

    Watchlists alone are a hundred thousand objects; to walk them anew was a fifth of what a poll
    without news costs.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    give_back()


def give_back() -> None:
    """Hand memory that is free, and that the C library keeps, back to the system (glibc only)."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
