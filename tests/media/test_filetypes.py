"""What a file is, is told by what it holds; what could run or be shown as a page is none of ours."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.media.filetypes import find_type

OFFICE = "application/vnd.openxmlformats-officedocument."


def office(folder: str, *more: str) -> bytes:
    """The least that makes an Office document."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name in ("[Content_Types].xml", f"{folder}/document.xml", *more):
            archive.writestr(name, "")
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "mime_type"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n...", "image/png"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"%PDF-1.7", "application/pdf"),
        (b"OggS\x00", "audio/ogg"),
        (b"#!AMR\n", "audio/amr"),
        (b"ID3\x04", "audio/mpeg"),
        (b"\xff\xf1\x50", "audio/aac"),
        (b"\x00\x00\x00\x18ftypM4A ", "audio/mp4"),
        (b"\x00\x00\x00\x18ftypmp42", "video/mp4"),
        (b"\x00\x00\x00\x18ftyp3gp5", "video/3gpp"),
        (office("word"), OFFICE + "wordprocessingml.document"),
        (office("xl"), OFFICE + "spreadsheetml.sheet"),
        (office("ppt"), OFFICE + "presentationml.presentation"),
    ],
)
def test_each_kind_that_we_take_is_known_by_what_it_holds(content: bytes, mime_type: str) -> None:
    assert find_type(content) == mime_type


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<?xml version='1.0'?><svg/>",
        b"<html><script>",
        b"MZ\x90\x00",
        b"\x7fELF",
        b"#!/bin/sh",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an installer begins like an old Word file",
        b"PK\x03\x04 no archive",
        office("word", "word/vbaProject.bin"),
        office("macros"),
        b"RIFF\x00\x00\x00\x00AVI LIST",
        b"\x00\x00\x00\x18ftypheic",
        b"#EXTM3U\nhttp://127.0.0.1/",
        b"BEGIN:VCARD\r\n",
        b"",
    ],
)
def test_whatever_else_is_refused(content: bytes) -> None:
    assert find_type(content) is None


@given(st.binary(max_size=200), st.integers(0, 300), st.binary(max_size=8))
def test_no_file_breaks_the_look_at_it(tail: bytes, at: int, change: bytes) -> None:
    whole = office("word")
    for content in (tail, b"PK\x03\x04" + tail, whole[:at] + change + whole[at + len(change) :], whole[:at] + tail):
        find_type(content)
