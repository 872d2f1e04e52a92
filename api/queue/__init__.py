"""Work outside the request: a queue in the store, warm processes or a cluster, events to follow."""

from api.queue.cluster import ClusterAddress, ClusterEngine
from api.queue.engines import LocalEngine
from api.queue.events import END, PROGRESS, RETRY, Event
from api.queue.inputs import StoredInput, inputs_of, lay_out, site_file
from api.queue.jobs import Jobs, Keep
from api.queue.limits import QueueLimits
from api.queue.tasks import Inputs, Outcome, Record, Task, Work

__all__ = [
    "END",
    "PROGRESS",
    "RETRY",
    "ClusterAddress",
    "ClusterEngine",
    "Event",
    "Inputs",
    "Jobs",
    "Keep",
    "LocalEngine",
    "Outcome",
    "QueueLimits",
    "Record",
    "StoredInput",
    "Task",
    "Work",
    "inputs_of",
    "lay_out",
    "site_file",
]
