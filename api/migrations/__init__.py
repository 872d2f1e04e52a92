"""How the tables came to be: one file a change, run by alembic from `api.store.migrating`."""
