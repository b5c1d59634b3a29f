"""Two sites of other people over https, with a content security policy of their own; one of them may show the chat."""

import datetime as dt
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

PAGE = """<!doctype html>
<html lang="{language}" dir="{direction}">
<head><meta charset="utf-8"><title>Commune</title><meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="/style.css"></head>
<body><main><h1>Commune</h1><p><a href="?lang={language}&amp;again">Services</a></p></main>{script}</body>
</html>"""
# What a site's own sheet may do to every button of its pages.
STYLE = "* { font-size: 40px; letter-spacing: 9px; } button { display: none; } :root { font-size: 62.5%; }"


def site(ours: str) -> Starlette:
    """A site that includes our script, and that lets nothing but it in; `?plain` is the same without it."""
    policy = f"default-src 'none'; style-src 'self'; script-src {ours}; frame-src {ours}"

    async def page(request: Request) -> Response:
        language = request.query_params.get("lang", "fr")
        script = "" if "plain" in request.query_params else f'<script src="{ours}/widget.js" async></script>'
        direction = "rtl" if language == "ar" else "ltr"
        content = PAGE.format(language=language, direction=direction, script=script)
        return HTMLResponse(content, headers={"Content-Security-Policy": policy})

    async def style(request: Request) -> Response:
        return Response(STYLE, media_type="text/css")

    return Starlette(routes=[Route("/", page), Route("/style.css", style)])


def make_certificate(path: Path) -> Path:
    """A key and its certificate for this machine's own names, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
    certificate = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    return path
