"""Files from outside: whether the content is what the name says, and what reading it may do."""

from api.checks.content import check_upload_content

__all__ = ["check_upload_content"]
