"""What a route asks for: the store, the jobs, the limits of the service that it runs in."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from api.edits import EditDesk
from api.jobs import Jobs
from api.settings import Limits
from api.store import FolderStore


@dataclass(frozen=True, slots=True)
class Service:
    """One running service."""

    store: FolderStore
    jobs: Jobs
    edits: EditDesk
    limits: Limits


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


Running = Annotated[Service, Depends(_service)]
