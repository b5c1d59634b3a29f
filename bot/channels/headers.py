"""What vendors prove themselves by."""

from starlette.requests import Request


def only_header(request: Request, name: str) -> str:
    """A header that must come once; empty when it is missing or doubled, as then nobody knows which one counts."""
    found = request.headers.getlist(name)
    return found[0] if len(found) == 1 else ""
