"""All addresses below `/ogc`: those of Features, and those of Processes."""

from fastapi import APIRouter

from api.ogc import features, work

router = APIRouter(tags=["ogc"])
for part in (features.router, work.router):
    router.include_router(part, prefix="/ogc")
