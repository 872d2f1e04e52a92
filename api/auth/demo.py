"""The demo: whoever asks from this machine is signed in, over a store that is thrown away."""

import sqlalchemy as sa
from starlette.requests import HTTPConnection

from api.auth.principal import Principal
from api.loopback import is_loopback
from api.store.database import Database
from api.store.people import User

DEMO_NAME = "demo"

# Set by what stands between: then "from this machine" means the proxy, not the person.
_PROXIED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


class DemoSignIn:
    """Signs requests from this machine in as one administrator, and no others."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._principal: Principal | None = None

    def open(self) -> Principal:
        """Make the demo user where it is not there; call it when the tables are ready."""
        with self._database.session() as session:
            user = session.scalar(sa.select(User).where(User.name == DEMO_NAME))
            if user is None:
                user = User(name=DEMO_NAME, is_administrator=True)
                session.add(user)
                session.flush()
            self._principal = Principal(user.user_id, user.name, is_administrator=True)
        return self._principal

    def principal(self, connection: HTTPConnection) -> Principal | None:
        """Return the demo user for a request that comes straight from this machine."""
        client = connection.client
        is_near = (
            client is not None
            and is_loopback(client.host)
            and is_loopback(connection.url.hostname or "")
            and not any(name in connection.headers for name in _PROXIED)
        )
        return self._principal if is_near else None
