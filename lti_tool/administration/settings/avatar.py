"""Taking the tutor's picture: drawn anew in the limited process, so that nothing of the file itself is ever served."""

import base64
import hashlib
from typing import IO

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lti_tool.files import sandbox
from lti_tool.files.avatars import draw_avatar
from lti_tool.files.intake import accept
from lti_tool.files.media_types import IMAGES, MediaType
from lti_tool.site_settings.models import Avatar

LARGEST = 200 * 1024


def take_avatar(session: Session, stream: IO[bytes], name: str) -> str:
    """Keep the picture in place of the one before, and give the value of its setting; raises InvalidInput."""
    with accept(stream, name=name, allowed=IMAGES | {MediaType.SVG}, max_bytes=LARGEST) as upload:
        image = base64.b64decode(sandbox.run(draw_avatar, upload.stream.name, upload.media_type))
    digest = hashlib.sha256(image).hexdigest()
    session.execute(insert(Avatar).values(sha256=digest, image=image).on_conflict_do_nothing())
    session.execute(delete(Avatar).where(Avatar.sha256 != digest))
    return digest
