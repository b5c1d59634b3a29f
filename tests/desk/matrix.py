"""Who may open which address of the desk: asked of the application, and written into docs/security.md.

`python -m tests.desk.matrix` writes the tables anew.
"""

import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.routing import Mount

from bot.accounts.permissions import PERMISSIONS, Permission, Role
from bot.desk.routes import routes
from bot.desk.security import HOME, Anyone, Halfway, Requirement

DOCUMENT = Path(__file__).parents[2] / "docs" / "security.md"
MARKS = ("<!-- made by tests/desk/matrix.py -->", "<!-- end -->")
GUARDS = (Requirement, Anyone, Halfway)
Guard = Requirement | Anyone | Halfway


def routes_of(router: Any) -> Iterator[Any]:
    """All routes of the desk, those of included routers too."""
    for route in router.routes:
        inner = getattr(route, "original_router", None)
        if inner:
            yield from routes_of(inner)
        elif not isinstance(route, Mount) and (route.path == HOME or route.path.startswith(f"{HOME}/")):
            yield route


def guards_of(route: Any) -> list[Guard]:
    """What a route asks of those who come."""
    return [call for call in _calls(route.dependant) if isinstance(call, GUARDS)]


def may_open(guard: Guard, role: Role) -> bool:
    """Whether somebody signed in with that role gets past."""
    return isinstance(guard, Anyone) or (isinstance(guard, Requirement) and guard.permission in PERMISSIONS[role])


def filled(path: str) -> str:
    """An address with something in each of its gaps."""
    return re.sub(r"\{[^}]+\}", str(uuid.UUID(int=7)), path)


def tables(app: FastAPI | Any) -> str:
    """Permissions by role, then addresses by what they ask."""
    head = ["permission", *Role]
    lines = [_row(head), _row(["---"] * len(head))]
    for permission in Permission:
        lines.append(_row([permission, *("✓" if permission in PERMISSIONS[role] else "" for role in Role)]))
    lines += ["", _row(["address", "who"]), _row(["---", "---"])]
    for route in routes_of(app):
        (guard,) = guards_of(route)
        for method in sorted(route.methods - {"HEAD"}):
            lines.append(_row([f"`{method} {route.path}`", _audience(guard)]))
    return "\n".join(lines)


def written() -> str:
    """What the document says."""
    return _parts()[1].strip()


def write() -> None:
    """Bring the document up to date."""
    before, _, after = _parts()
    DOCUMENT.write_text(f"{before}{MARKS[0]}\n{tables(routes)}\n{MARKS[1]}{after}", encoding="utf-8")


def _parts() -> tuple[str, str, str]:
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(MARKS[0])
    middle, _, after = rest.partition(MARKS[1])
    return before, middle, after


def _calls(dependant: Any) -> Iterator[Any]:
    for one in dependant.dependencies:
        yield one.call
        yield from _calls(one)


def _audience(guard: Guard) -> str:
    match guard:
        case Requirement(permission=permission, is_sensitive=is_sensitive):
            return f"{permission}{', with a fresh password' if is_sensitive else ''}"
        case Halfway():
            return "who owes a second step"
        case _:
            return "everybody"


def _row(cells: list[Any]) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"


if __name__ == "__main__":
    write()
