"""Files that customers send: how many, how large, of which kinds."""

from collections.abc import Sequence
from pathlib import PurePath

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from parvis.desk.services.messages import File
from parvis.kernel.errors import Invalid

MAX_FILES = 5
# By ending, with the type that goes into the record: what the browser claims is not believed.
KINDS = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "heic": "image/heic",
    "pdf": "application/pdf",
    "txt": "text/plain",
    "csv": "text/csv",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "zip": "application/zip",
}


def files_of(uploads: Sequence[UploadedFile]) -> list[File]:
    """Uploads as a message keeps them. Raises Invalid for too many, too large, or of a kind that we do not take."""
    if len(uploads) > MAX_FILES:
        raise _refused(_("At most %(count)s files.") % {"count": MAX_FILES})
    if sum(upload.size or 0 for upload in uploads) > settings.PARVIS_UPLOAD_MAX_BYTES:
        megabytes = settings.PARVIS_UPLOAD_MAX_BYTES // (1024 * 1024)
        raise _refused(_("The files are larger than %(size)s MB together.") % {"size": megabytes})
    return [_file(upload) for upload in uploads]


def _file(upload: UploadedFile) -> File:
    name = PurePath(str(upload.name or "file").replace("\\", "/")).name[-200:] or "file"
    kind = KINDS.get(name.rpartition(".")[2].lower())
    if kind is None:
        raise _refused(
            _("“%(name)s” is of a kind that we do not take. Send a picture, a PDF or an office document.")
            % {"name": name[:60]}
        )
    return File(name=name, type=kind, content=upload.read())


def _refused(message: object) -> Invalid:
    return Invalid(message, code="bad_file", fields={"files": message})
