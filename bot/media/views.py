"""Files that staff sent, for whoever holds a link: a citizen's page, and vendors who fetch what they pass on."""

from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request, Response

from bot.media.links import PATH, read_token
from bot.media.outgoing import read_sent, short_name

# WhatsApp shows no more of a name.
LONGEST_NAME = 20
# Whatever a file is, it runs nothing, belongs to no page of ours, and is not guessed at.
SANDBOX = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}

routes = APIRouter(tags=["files"])


@routes.head(f"{PATH}/{{token}}", operation_id="file_head", openapi_extra={"x-audience": "public"})
@routes.get(f"{PATH}/{{token}}", operation_id="file", openapi_extra={"x-audience": "public"})
def file(request: Request, token: str) -> Response:
    """The file of one message; whatever else is asked for is not there."""
    box = request.app.state.services
    message_id = read_token(box.settings, token)
    if message_id is None:
        raise HTTPException(404, "There is no such file.")
    try:
        with box.database.transaction() as session:
            content, mime_type, name = read_sent(session, box.folder, message_id)
    except (LookupError, OSError) as error:
        raise HTTPException(404, "There is no such file.") from error
    return Response(content, media_type=mime_type, headers=SANDBOX | {"Content-Disposition": _disposition(name)})


def _disposition(name: str) -> str:
    """To be kept under its name, in two spellings: what is not ASCII has its own."""
    short = short_name(name, LONGEST_NAME)
    plain = short if short.isascii() else "file." + short.rpartition(".")[2]
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(short, safe='')}"
