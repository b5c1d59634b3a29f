"""What a file is, told by what it holds: the kinds that citizens send, nothing that could run or be shown as a page.

Neither old Office files (installers begin like them) nor new ones with macros are among them.
"""

import io
import zipfile

_OFFICE = "application/vnd.openxmlformats-officedocument."
_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"OggS", "audio/ogg"),
    (b"#!AMR", "audio/amr"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"\xff\xf2", "audio/mpeg"),
    (b"\xff\xf1", "audio/aac"),
    (b"\xff\xf9", "audio/aac"),
    (b"%PDF-", "application/pdf"),
)
# The brand in the first box of an ISO base media file.
_BRANDS: tuple[tuple[bytes, str], ...] = (
    (b"3g", "video/3gpp"),
    (b"M4A", "audio/mp4"),
    (b"M4V", "video/mp4"),
    (b"iso", "video/mp4"),
    (b"mp4", "video/mp4"),
    (b"avc1", "video/mp4"),
    (b"MSNV", "video/mp4"),
)
_FOLDERS = {
    "word/": _OFFICE + "wordprocessingml.document",
    "ppt/": _OFFICE + "presentationml.presentation",
    "xl/": _OFFICE + "spreadsheetml.sheet",
}
_OFFICE_INDEX = "[Content_Types].xml"
_MACROS = "vbaproject.bin"


def find_type(content: bytes) -> str | None:
    """The media type of a file; None for every kind that we do not take."""
    for start, mime_type in _STARTS:
        if content.startswith(start):
            return mime_type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp":
        return next((mime_type for brand, mime_type in _BRANDS if content.startswith(brand, 8)), None)
    return _office_type(content) if content.startswith(b"PK\x03\x04") else None


def _office_type(content: bytes) -> str | None:
    """Of archives, only Office documents: the index of names is read, nothing is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
    if _OFFICE_INDEX not in names or any(name.lower().endswith(_MACROS) for name in names):
        return None
    return next((kind for folder, kind in _FOLDERS.items() if any(name.startswith(folder) for name in names)), None)
