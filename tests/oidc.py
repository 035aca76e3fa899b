"""OpenID Connect servers for tests: a real one in a process of its own, and one that lies in a chosen way."""

import base64
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.waiting import wait_until

PEOPLE = (
    {"sub": "u-1", "email": "mo@firm.example", "email_verified": True, "name": "Mo Elsewhere"},
    {"sub": "u-2", "email": "new@firm.example", "email_verified": True, "name": "Nora New"},
    {"sub": "u-3", "email": "mo@firm.example", "email_verified": False, "name": "Mo Pretender"},
    {"sub": "u-4", "email": "who@else.example", "email_verified": True, "name": "Who Else"},
)


def _free_port() -> int:
    import socket

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def real_provider(log: Path) -> Iterator[str]:
    """The issuer of a server from a package, which PEOPLE can sign in at with a click."""
    port = _free_port()
    claims = [part for each in PEOPLE for part in ("--user-claims", json.dumps(each))]
    command = [
        sys.executable,
        "-m",
        "oidc_provider_mock",
        "--port",
        str(port),
        "--require-nonce",
        "true",
        *claims,
    ]
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env={**os.environ})
        issuer = f"http://127.0.0.1:{port}"
        try:
            wait_until(lambda: _answers(issuer), f"the server answers: {log}", 30)
            yield issuer
        finally:
            process.terminate()
            process.wait()


def _answers(issuer: str) -> bool:
    try:
        with urlopen(f"{issuer}/.well-known/openid-configuration", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@dataclass
class Liar:
    """A provider whose answers a test bends. claims, head, about: laid over what an honest one says.

    key: signs; shown: is published. status: of the token endpoint.
    """

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    head: dict[str, Any] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)
    key: Any = field(default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048))
    shown: Any = None
    status: int = 200
    nonce: str = ""
    asked: list[tuple[str, dict[str, list[str]], dict[str, str]]] = field(default_factory=list)
    token: Callable[[dict[str, Any]], str] | None = None
    delay_seconds: float = 0

    def honest_token(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "k1", **self.head})

    def answer(self, path: str) -> tuple[int, Any]:
        time.sleep(self.delay_seconds)
        if path.endswith("openid-configuration"):
            return 200, {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                **self.about,
            }
        if path == "/keys":
            public = (self.shown or self.key).public_key()
            return 200, {
                "keys": [
                    {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(public)), "kid": "k1", "use": "sig"}
                ]
            }
        now = int(time.time())
        person = {
            "iss": self.issuer,
            "aud": "guanxi",
            "exp": now + 300,
            "iat": now,
            "nonce": self.nonce,
            **PEOPLE[0],
        }
        claims = {name: value for name, value in {**person, **self.claims}.items() if value is not None}
        return self.status, {"access_token": "a", "id_token": (self.token or self.honest_token)(claims)}


@contextmanager
def lying_provider() -> Iterator[Liar]:
    liar = Liar()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = parse_qs(self.rfile.read(length).decode())
            liar.asked.append((urlsplit(self.path).path, body, dict(self.headers)))
            status, said = liar.answer(urlsplit(self.path).path)
            text = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = _serve

        def log_message(self, *args: object) -> None:
            """The test's own output is enough."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    liar.issuer = f"http://127.0.0.1:{server.server_port}"
    yield liar
    server.shutdown()
    thread.join()
    server.server_close()


def unsigned(claims: dict[str, Any]) -> str:
    """A token that says it needs no signature."""
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    return (
        ".".join(base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in parts)
        + "."
    )
