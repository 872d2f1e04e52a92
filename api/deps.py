"""What a route asks for: the service that it runs in, and who asks."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from api.aside import Aside
from api.auth.principal import Asking as Asker
from api.editing import EditDesk
from api.observe import Figures
from api.queue import Jobs
from api.settings import Limits
from api.store import Store

__all__ = ["Asker", "Running", "Service"]


@dataclass(frozen=True, slots=True)
class Service:
    """One running service."""

    store: Store
    jobs: Jobs
    edits: EditDesk
    aside: Aside
    limits: Limits
    figures: Figures


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


Running = Annotated[Service, Depends(_service)]
