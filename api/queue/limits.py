"""How many jobs at a time, how long, and with how much memory."""

import os
from dataclasses import dataclass

from api.processes import GIBIBYTE


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """What a job may take.

    Parameters
    ----------
    workers : int
        Jobs that are computed at a time, each in a process of its own.
    job_seconds : float
        Longest time that one attempt may take.
    job_bytes : int
        Most memory that the process of a job may hold.
    cancel_grace_s : float
        Time that a job has to stop by itself before its process is ended.
    """

    workers: int = max(1, min(4, os.cpu_count() or 1))
    job_seconds: float = 3600.0
    job_bytes: int = 4 * GIBIBYTE
    cancel_grace_s: float = 5.0
