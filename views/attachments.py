"""Files of a request, handed out by id to those who see the request."""

from flask import Response, abort, send_file
from flask_appbuilder import expose, has_access
from flask_appbuilder.baseviews import BaseView

from models import db
from models.attachments import Attachment
from models.uploads import SHOWN_INLINE, path_of


class AttachmentView(BaseView):
    route_base = "/attachments"
    default_view = "file"
    class_permission_name = "Ticket"
    method_permission_name = {"file": "read"}

    @expose("/<int(max=2147483647):pk>")
    @has_access
    def file(self, pk: int) -> Response:
        return handed_out(db.session.get(Attachment, pk))


def handed_out(attachment: Attachment | None) -> Response:
    """404 for what is out of scope, exactly as for what does not exist."""
    if attachment is None or not path_of(attachment.key).exists():
        abort(404)
    response = send_file(
        path_of(attachment.key),
        mimetype=attachment.media_type,
        as_attachment=attachment.media_type not in SHOWN_INLINE,
        download_name=attachment.name,
        etag=attachment.sha256,
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.cache_control.private = True
    response.cache_control.no_cache = None
    return response
