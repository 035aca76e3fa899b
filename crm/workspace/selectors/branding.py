"""How the workspace looks."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath

from core.colour import accent_of
from tenants.people.workspace_settings import setting
from web.branding import Brand

KEY = "branding"


@dataclass(frozen=True, slots=True)
class Branding:
    """accent: '#rrggbb' or ''. logo: name in the workspace's storage or ''. footer: lines below its mails."""

    accent: str = ""
    logo: str = ""
    footer: str = ""


def branding_now() -> Branding:
    """As it is set."""
    return Branding(**setting(KEY, {}))


def brand() -> Brand:
    """For every page. Addresses change with what they lead to, so that browsers may keep it."""
    now = branding_now()
    return Brand(
        logo_url=f"/branding/logo/?v={PurePosixPath(now.logo).stem[-12:]}" if now.logo else "",
        style_url=f"/branding/accent.css?v={_mark(style_sheet(now.accent))}" if now.accent else "",
        footer=now.footer,
    )


def style_sheet(accent: str) -> str:
    """The tokens of the kit in this colour, for light and dark."""
    shades = accent_of(accent)
    tokens = {"accent": "accent", "accent-h": "hover", "on-accent": "on", "accent-t": "tint"}
    lines = (
        f"--{token}:light-dark({getattr(shades.light, name)},{getattr(shades.dark, name)})"
        for token, name in tokens.items()
    )
    return f":root{{{';'.join(lines)}}}\n"


def _mark(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]
