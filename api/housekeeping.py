"""Files that nobody names go once a day, while the service runs."""

import logging
import threading

from api.store import Store
from api.store.results import sweep
from sbd.errors import SbdError

log = logging.getLogger(__name__)

_EVERY_S = 86_400.0


class Sweeper(threading.Thread):
    """Takes unused files away at the start and then daily, until it is stopped."""

    def __init__(self, store: Store) -> None:
        super().__init__(name="sbd-sweeper", daemon=True)
        self._store = store
        self._stopping = threading.Event()

    def run(self) -> None:
        """Sweep until the end."""
        while not self._stopping.is_set():
            try:
                if removed := sweep(self._store):
                    log.info("%d files that nobody names are gone", removed)
            except SbdError:
                log.exception("unused files could not be taken away; tried again tomorrow")
            self._stopping.wait(_EVERY_S)

    def stop(self) -> None:
        """End; returns when nothing is touched any more."""
        self._stopping.set()
        self.join()
