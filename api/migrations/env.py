"""What alembic runs: a connection that `api.store.migrating` opened, inside its transaction."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    # SQLite changes few things of a table in place: alembic makes a new one and moves the rows.
    render_as_batch=True,
    transactional_ddl=True,  # either every step of a migration counts, or none
)
with context.begin_transaction():
    context.run_migrations()
