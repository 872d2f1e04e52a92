"""The planner's page: the built files of `web/`, from the wheel or from the checkout."""

from pathlib import Path

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api.errors import UnknownResourceError

_HERE = Path(__file__).resolve().parent

# A wheel carries the page; an editable install reads it where it is built.
_CANDIDATES = (_HERE / "_web", _HERE.parent / "web" / "dist")

_HASHED = "assets/"


def built_page() -> Path | None:
    """Return the folder of the built page, None where nobody built it."""
    return next((folder for folder in _CANDIDATES if (folder / "index.html").is_file()), None)


def install_page(app: FastAPI) -> None:
    """Serve the page at `/`; without one, say how to build it."""
    folder = built_page()
    if folder is None:
        app.add_api_route("/", _no_page, include_in_schema=False)
    else:
        app.mount("/", _Page(directory=folder, html=True), name="page")


class _Page(StaticFiles):
    """Files whose name holds a hash of their content never change."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        fresh = "public, max-age=31536000, immutable" if path.startswith(_HASHED) else "no-cache"
        answer.headers["Cache-Control"] = fresh
        return answer


def _no_page() -> Response:
    raise UnknownResourceError("page: not built; run npm ci and npm run build in web/")
