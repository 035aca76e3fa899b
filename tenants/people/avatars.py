"""Pictures of people: checked by their content, made small, never stored as they came."""

import io
import warnings

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from core.errors import DomainError

LARGEST_BYTES = 5 * 1024 * 1024
LARGEST_PIXELS = 40_000_000
SIDE_PIXELS = 256
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


def read_avatar(upload: UploadedFile) -> ContentFile:
    """A square PNG of SIDE_PIXELS from an uploaded JPEG, PNG, WebP or GIF. Raises as `upright_picture`."""
    if (upload.size or 0) > LARGEST_BYTES:
        raise _refusal(_("The picture is larger than 5 MB."), "avatar")
    upright = upright_picture(upload, formats=_FORMATS, field="avatar", named="JPEG, PNG, WebP, GIF")
    square = ImageOps.fit(upright, (SIDE_PIXELS, SIDE_PIXELS), Image.Resampling.LANCZOS)
    made = io.BytesIO()
    square.save(made, "PNG", optimize=True)
    return ContentFile(made.getvalue())


def upright_picture(upload: UploadedFile, *, formats: tuple[str, ...], field: str, named: str) -> Image.Image:
    """An uploaded picture, read by its content and turned as the camera said. named: the formats, for people.

    Raises DomainError by field: another format (SVG among them), damaged, or a picture whose few bytes would unfold
    to more than LARGEST_PIXELS.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(upload, formats=formats)
            # The size stands in the head: nothing has been unfolded yet.
            if picture.width * picture.height > LARGEST_PIXELS:
                raise _refusal(_("The picture has too many pixels."), field)
            picture.draft("RGB", (SIDE_PIXELS * 2, SIDE_PIXELS * 2))
            return ImageOps.exif_transpose(picture).convert("RGBA")
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise _refusal(_("The picture has too many pixels."), field)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        # Pillow's readers of damaged files raise each of these.
        raise _refusal(
            _("This is not a picture we can read. Use one of: %(formats)s.") % {"formats": named}, field
        )


def _refusal(sentence: str, field: str) -> DomainError:
    return DomainError(sentence, fields={field: sentence})
