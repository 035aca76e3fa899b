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
    """A square PNG of SIDE_PIXELS from an uploaded JPEG, PNG, WebP or GIF.

    Raises DomainError: too large, another format (SVG among them), damaged, or a picture whose few bytes
    would unfold to more than LARGEST_PIXELS.
    """
    if (upload.size or 0) > LARGEST_BYTES:
        raise _refusal(_("The picture is larger than 5 MB."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(upload, formats=_FORMATS)
            # The size stands in the head: nothing has been unfolded yet.
            if picture.width * picture.height > LARGEST_PIXELS:
                raise _refusal(_("The picture has too many pixels."))
            picture.draft("RGB", (SIDE_PIXELS * 2, SIDE_PIXELS * 2))
            upright = ImageOps.exif_transpose(picture).convert("RGBA")
            square = ImageOps.fit(upright, (SIDE_PIXELS, SIDE_PIXELS), Image.Resampling.LANCZOS)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise _refusal(_("The picture has too many pixels."))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        # Pillow's readers of damaged files raise each of these.
        raise _refusal(_("This is not a picture we can read. Use JPEG, PNG, WebP or GIF."))
    made = io.BytesIO()
    square.save(made, "PNG", optimize=True)
    return ContentFile(made.getvalue())


def _refusal(sentence: str) -> DomainError:
    return DomainError(sentence, fields={"avatar": sentence})
