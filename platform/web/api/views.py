"""Resources: list, create, read, change, delete; filters and pages as in the lists."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, inline_serializer
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.entitlements import Feature, Limit, require
from core.errors import DomainError
from core.records.lists import COUNT_CAP, capped_count, queryset_of, read_page, read_request
from core.records.rights import Verb, as_seen_by, require_fields
from core.records.rights import require as require_right
from core.records.types import RecordType, record_type
from core.records.writing import bin_records, create_record, update_record
from core.usage.counting import spend
from web.api.serializers import reader_of, serializer_of

_PROBLEM = inline_serializer(
    "Problem",
    {
        "code": serializers.CharField(),
        "message": serializers.CharField(),
        "fields": serializers.DictField(child=serializers.CharField(), required=False),
    },
)
_REFUSED = {
    status.HTTP_400_BAD_REQUEST: OpenApiResponse(_PROBLEM, "The body cannot be read."),
    status.HTTP_402_PAYMENT_REQUIRED: OpenApiResponse(_PROBLEM, "The plan has no room for this, or no API."),
    status.HTTP_403_FORBIDDEN: OpenApiResponse(_PROBLEM, "Sign in first, or not allowed."),
    status.HTTP_415_UNSUPPORTED_MEDIA_TYPE: OpenApiResponse(_PROBLEM, "Send JSON."),
}
_GONE = {status.HTTP_404_NOT_FOUND: OpenApiResponse(_PROBLEM, "No such record, or not to be seen.")}
_RULES = {
    status.HTTP_409_CONFLICT: OpenApiResponse(_PROBLEM, "Somebody else was quicker."),
    status.HTTP_422_UNPROCESSABLE_ENTITY: OpenApiResponse(_PROBLEM, "A rule of the record type refuses it."),
}


class _CountedView(APIView):
    """Every call is counted against the plan, and answered only where plan and role allow it."""

    kind: RecordType

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.kind = record_type(self.kind.key)  # with the workspace's own fields
        require(Feature.API)
        require_right(request.user, self.kind, Verb.SEE)
        spend(Limit.API_CALLS)

    def shape_for(self, request: Request) -> type[serializers.Serializer]:
        """The type's serializer without what is hidden from the person. Raises NotAllowed for what is read only."""
        if isinstance(request.data, Mapping):
            require_fields(request.user, self.kind, request.data)
        return serializer_of(as_seen_by(self.kind, request.user))


class RecordListView(_CountedView):
    """All records of a type, a page at a time; and new ones."""

    def get(self, request: Request) -> HttpResponse:
        kind = as_seen_by(self.kind, request.user)
        rows = reader_of(kind)
        wanted = read_request(kind, request.GET, to=request.user)
        if wanted.problems:
            raise DomainError(" ".join(wanted.problems))
        page = read_page(wanted, to=request.user, select=rows.select)
        body: dict[str, Any] = {
            "results": [rows.read(row) for row in page.rows],
            "next": page.next_cursor or None,
            "previous": page.previous_cursor or None,
        }
        if request.GET.get("count"):  # only when asked: it costs as much as the page
            count = capped_count(queryset_of(wanted, to=request.user))
            body |= {"count": min(count, COUNT_CAP), "count_capped": count > COUNT_CAP}
        return HttpResponse(orjson.dumps(body, default=str), content_type="application/json")

    def post(self, request: Request) -> Response:
        shape = self.shape_for(request)
        given = shape(data=request.data)
        given.is_valid(raise_exception=True)
        written = create_record(self.kind, given.validated_data, by=request.user)
        return Response(shape(written.record).data, status=status.HTTP_201_CREATED)


class RecordView(_CountedView):
    """One record."""

    def get(self, request: Request, record_id: UUID) -> Response:
        return Response(self.shape_for(request)(self._record(request, record_id)).data)

    def patch(self, request: Request, record_id: UUID) -> Response:
        record = self._record(request, record_id)
        shape = self.shape_for(request)
        given = shape(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        written = update_record(self.kind, record, given.validated_data, by=request.user)
        return Response(shape(written.record).data)

    def delete(self, request: Request, record_id: UUID) -> Response:
        record = self._record(request, record_id)
        bin_records(self.kind, [record.pk], by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _record(self, request: Request, record_id: UUID) -> Any:
        record = self.kind.visible(to=request.user).filter(pk=record_id).first()
        if record is None:
            raise NotFound
        return record


class _OfOwnType:
    """For the record types that a workspace made: which one stands in the address."""

    schema = None  # described with the others, where the document is made for a workspace

    def dispatch(self, request: Request, *args: Any, kind: RecordType, **kwargs: Any) -> Any:
        self.kind = kind
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class OwnTypeList(_OfOwnType, RecordListView):
    """Records of a type that the workspace made."""


class OwnTypeRecord(_OfOwnType, RecordView):
    """One record of a type that the workspace made."""


def views_of(kind: RecordType) -> tuple[Any, Any]:
    """(list view, record view) of a type, described for the OpenAPI document."""
    shape = serializer_of(kind)
    page = inline_serializer(
        f"{shape.__name__}Page",
        {
            "results": shape(many=True),
            "next": serializers.CharField(allow_null=True),
            "previous": serializers.CharField(allow_null=True),
            "count": serializers.IntegerField(required=False, help_text="counting stops at 1,000"),
            "count_capped": serializers.BooleanField(required=False, help_text="there are more"),
        },
    )
    listing = type(f"{shape.__name__}List", (RecordListView,), {"kind": kind})
    single = type(f"{shape.__name__}One", (RecordView,), {"kind": kind})
    return _describe_list(listing, kind, shape, page), _describe_single(single, kind, shape)


def _describe_list(view: Any, kind: RecordType, shape: Any, page: Any) -> Any:
    parameters = [
        OpenApiParameter("f", str, many=True, description="field.operator.value; may stand several times"),
        OpenApiParameter("q", str, description="words to find"),
        OpenApiParameter("sort", str, description="field name, '-' before it for descending"),
        OpenApiParameter("count", str, description="1: also say how many there are"),
        OpenApiParameter("at", str, description="cursor out of `next` or `previous`"),
    ]
    view.get = extend_schema(
        operation_id=f"{kind.key}_list", parameters=parameters, responses={200: page, **_REFUSED, **_RULES}
    )(_own(view, "get"))
    view.post = extend_schema(
        operation_id=f"{kind.key}_create", request=shape, responses={201: shape, **_REFUSED, **_RULES}
    )(_own(view, "post"))
    return view


def _describe_single(view: Any, kind: RecordType, shape: Any) -> Any:
    view.get = extend_schema(operation_id=f"{kind.key}_read", responses={200: shape, **_REFUSED, **_GONE})(
        _own(view, "get")
    )
    view.patch = extend_schema(
        operation_id=f"{kind.key}_change",
        request=shape,
        responses={200: shape, **_REFUSED, **_GONE, **_RULES},
    )(_own(view, "patch"))
    view.delete = extend_schema(
        operation_id=f"{kind.key}_delete", responses={204: None, **_REFUSED, **_GONE, **_RULES}
    )(_own(view, "delete"))
    return view


def _own(view: Any, method: str) -> Any:
    """A copy of the inherited method, so that describing one type does not describe them all."""
    inherited = getattr(view, method)

    def call(self: Any, request: Request, *args: Any, **kwargs: Any) -> Any:
        return inherited(self, request, *args, **kwargs)

    call.__name__, call.__doc__ = method, inherited.__doc__
    return call
