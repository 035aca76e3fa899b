"""Giving the workspace its own look."""

import io
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image

from core.colour import read_colour
from core.errors import DomainError
from core.history.context import change
from core.ids import uuid7
from crm.workspace.selectors.branding import KEY, Branding, branding_now
from tenants.people.avatars import upright_picture
from tenants.people.rights import require_administrator
from tenants.people.workspace_settings import keep_setting

LARGEST_BYTES = 2 * 1024 * 1024
LOGO_PIXELS = (480, 160)
"""The most that a stored logo has; it is shown at a third of that, sharp on fine screens."""
_FORMATS = ("JPEG", "PNG", "WEBP")
_LONGEST_FOOTER = 600


def set_look(*, accent: str, footer: str, by: Any) -> UUID:
    """accent: a colour, '' for the product's own. Raises NotAllowed, DomainError by field; returns the batch."""
    require_administrator(by)
    colour = read_colour(accent) if accent.strip() else ""
    problems = {}
    if colour is None:
        problems["accent"] = _("Write the colour as #1f6feb.")
    lines = "\n".join(line.strip() for line in footer.replace("\x00", "").strip().splitlines())
    if len(lines) > _LONGEST_FOOTER:
        problems["footer"] = _("At most %(count)d characters.") % {"count": _LONGEST_FOOTER}
    if problems:
        raise DomainError(_("Please look at the marked fields."), fields=problems)
    return _keep(replace(branding_now(), accent=colour or "", footer=lines), by)


def set_logo(upload: UploadedFile, *, by: Any) -> UUID:
    """A PNG of our own making from a JPEG, PNG or WebP; the one before stays stored, for an undo.

    Raises NotAllowed, DomainError (too large, another format, SVG among them, damaged).
    """
    require_administrator(by)
    if (upload.size or 0) > LARGEST_BYTES:
        message = _("The logo is larger than 2 MB.")
        raise DomainError(message, fields={"logo": message})
    picture = upright_picture(upload, formats=_FORMATS, field="logo", named="JPEG, PNG, WebP")
    picture.thumbnail(LOGO_PIXELS, Image.Resampling.LANCZOS)
    made = io.BytesIO()
    picture.save(made, "PNG", optimize=True)
    name = default_storage.save(f"branding/{uuid7().hex}.png", ContentFile(made.getvalue()))
    return _keep(replace(branding_now(), logo=name), by)


def remove_logo(*, by: Any) -> UUID:
    """The initials again. Returns the batch."""
    require_administrator(by)
    return _keep(replace(branding_now(), logo=""), by)


def _keep(branding: Branding, by: Any) -> UUID:
    with change(label=_("Changed the branding"), by=by) as entry:
        keep_setting(KEY, asdict(branding))
    return entry.batch
