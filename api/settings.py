"""How large, how many, how long: the limits of one service."""

from dataclasses import dataclass, field

from api.aside import AsideLimits
from api.processes import GIBIBYTE
from api.queue import QueueLimits

KIBIBYTE = 1024
MEBIBYTE = 1024 * KIBIBYTE


@dataclass(frozen=True, slots=True)
class EditLimits:
    """What editing sessions may take.

    Parameters
    ----------
    answer_seconds : float
        Longest time that one answer may take, its wait for those before it included.
    process_bytes : int
        Most memory that their process may hold.
    """

    answer_seconds: float = 600.0
    process_bytes: int = 4 * GIBIBYTE


@dataclass(frozen=True, slots=True)
class Limits:
    """What one service accepts.

    Parameters
    ----------
    upload_bytes : int
        Largest file that is taken in; reading an extract needs about 60 times its size in memory.
    body_bytes : int
        Largest body of any other request; a zone with ten thousand corners has about 400 kB.
    door_bytes : int
        Largest body of who signs in: a name and a password, which a stranger sends.
    queue : QueueLimits
        What jobs may take.
    aside : AsideLimits
        What requests may take of work that is done aside.
    edits : EditLimits
        What editing sessions may take.
    """

    upload_bytes: int = 64 * MEBIBYTE
    body_bytes: int = 2 * MEBIBYTE
    door_bytes: int = 16 * KIBIBYTE
    queue: QueueLimits = field(default_factory=QueueLimits)
    aside: AsideLimits = field(default_factory=AsideLimits)
    edits: EditLimits = field(default_factory=EditLimits)
