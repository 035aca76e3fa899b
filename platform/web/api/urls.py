"""/api/v1/: made when first asked for, from the registered record types."""

from django.urls import URLPattern, path
from drf_spectacular.views import SpectacularJSONAPIView

from core.records.types import record_types
from web.api.views import views_of


def _record_urls() -> list[URLPattern]:
    patterns = []
    for kind in record_types():
        if not kind.creatable:
            continue
        listing, single = views_of(kind)
        patterns.append(path(f"{kind.slug}/", listing.as_view(), name=f"api_{kind.key}_list"))
        patterns.append(path(f"{kind.slug}/<uuid:record_id>/", single.as_view(), name=f"api_{kind.key}"))
    return patterns


urlpatterns = [path("openapi.json", SpectacularJSONAPIView.as_view(), name="api_document"), *_record_urls()]
