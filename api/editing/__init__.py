"""Live edits: one process that keeps solved places warm, and what requests ask of it."""

from api.editing.desk import EditDesk

__all__ = ["EditDesk"]
