"""/api/v1/: made when first asked for, from the registered record types."""

from collections.abc import Iterable
from typing import Any

from django.urls import URLPattern, include, path
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.request import Request
from rest_framework.response import Response

import web.records.converters  # noqa: F401  (registers `record_type`)
from core.records.types import RecordType, declared_types, record_types
from web.api.views import OwnTypeList, OwnTypeRecord, views_of


def _record_urls(kinds: Iterable[RecordType]) -> list[URLPattern]:
    patterns = []
    for kind in kinds:
        if not kind.creatable:
            continue
        listing, single = views_of(kind)
        patterns.append(path(f"{kind.slug}/", listing.as_view(), name=f"api_{kind.key}_list"))
        patterns.append(path(f"{kind.slug}/<uuid:record_id>/", single.as_view(), name=f"api_{kind.key}"))
    return patterns


class WorkspaceDocument(SpectacularJSONAPIView):
    """The document of this workspace's API, with its own fields."""

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        self.patterns = [path("api/v1/", include(_record_urls(record_types())))]
        return super().get(request, *args, **kwargs)


urlpatterns = [
    path("openapi.json", WorkspaceDocument.as_view(), name="api_document"),
    *_record_urls(declared_types().values()),
    path("<record_type:kind>/", OwnTypeList.as_view(), name="api_own_list"),
    path("<record_type:kind>/<uuid:record_id>/", OwnTypeRecord.as_view(), name="api_own"),
]
