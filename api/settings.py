"""How large, how many, how long: the limits of one service."""

import os
from dataclasses import dataclass

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one service accepts.

    Parameters
    ----------
    upload_bytes : int
        Largest map extract that is taken in; reading one needs about 60 times its size in memory.
    body_bytes : int
        Largest body of any other request; a zone with ten thousand corners has about 400 kB.
    workers : int
        Processes that compute, each one job at a time.
    cancel_grace_s : float
        Time that a cancelled job has to stop by itself before its process is ended.
    """

    upload_bytes: int = 64 * MEBIBYTE
    body_bytes: int = 2 * MEBIBYTE
    workers: int = max(1, min(4, os.cpu_count() or 1))
    cancel_grace_s: float = 5.0
