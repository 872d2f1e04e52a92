"""Serves OGC API - Features over a data folder until it is told to stop; prints its port."""

import base64
import json
import socket
import sys
from pathlib import Path

import uvicorn
from fastapi import Depends, FastAPI

from api.auth.gate import Gate
from api.auth.permissions import allowed, check_table
from api.auth.principal import Principal
from api.errors import install_error_handlers
from api.ogc.router import router
from api.store.people import Scope
from api.store.store import Store


class BasicStandIn:
    """Signs in whoever sends a known token as the password."""

    def __init__(self, app, people):
        self.app, self.people = app, people

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            given = dict(scope["headers"]).get(b"authorization", b"").decode()
            pair = base64.b64decode(given.removeprefix("Basic ")).decode() if given else ":"
            scope.setdefault("state", {})["principal"] = self.people.get(pair.partition(":")[2])
        await self.app(scope, receive, send)


def app_over(store, people):
    """Return the app over an open store; `people` are user ids by the token they send."""
    principals = {
        token: Principal(user_id, token, False, Scope.READ, f"token-{token}")
        for token, user_id in people.items()
    }
    app = FastAPI(dependencies=[Depends(allowed)], docs_url=None, redoc_url=None, openapi_url=None)
    app.state.gate = Gate(store.database)
    app.include_router(router)
    install_error_handlers(app)
    app.add_middleware(BasicStandIn, people=principals)
    check_table(app)
    return app


def main(data, people):
    store = Store(Path(data))
    store.open()
    app = app_over(store, json.loads(people))
    listener = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False)).run(sockets=[listener])


if __name__ == "__main__":
    main(*sys.argv[1:])
