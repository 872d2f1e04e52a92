"""Files from outside: whether the content is what the name says, and what reading it may do."""

from api.checks.content import check_upload_content
from api.checks.zips import check_zip, unpack_zip

__all__ = ["check_upload_content", "check_zip", "unpack_zip"]
