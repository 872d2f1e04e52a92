"""What is no longer needed goes once a day, while the service runs: unused files, old rows."""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from api.auth.audit import forget
from api.forgetting import forget_progress, forget_repeats
from api.store import Store
from api.store.faults import database_faults
from api.store.results import sweep
from sbd.errors import SbdError

log = logging.getLogger(__name__)

_EVERY_S = 86_400.0


class Sweeper(threading.Thread):
    """Takes unused files and old rows away at the start and then daily.

    Parameters
    ----------
    audit_kept : timedelta
        How old rows of the audit log may become.
    """

    def __init__(self, store: Store, *, audit_kept: timedelta) -> None:
        super().__init__(name="sbd-sweeper", daemon=True)
        self._store, self._database = store, store.database
        self._audit_kept = audit_kept
        self._stopping = threading.Event()

    def run(self) -> None:
        """Sweep until the end."""
        while not self._stopping.is_set():
            self._take("files that nobody names", lambda: sweep(self._store))
            self._take("rows of the audit log", lambda: forget(self._database, self._audit_kept))
            self._take("answers to repeated requests", lambda: forget_repeats(self._database))
            self._take("jobs' old progress", lambda: forget_progress(self._database))
            self._stopping.wait(_EVERY_S)

    def stop(self) -> None:
        """End; returns when nothing is touched any more."""
        self._stopping.set()
        self.join()

    def _take(self, what: str, take: Callable[[], int]) -> None:
        try:
            with database_faults():
                removed = take()
            if removed:
                log.info("swept: %s (%d)", what, removed)
        except SbdError:
            log.exception("%s could not be taken away; tried again tomorrow", what)
