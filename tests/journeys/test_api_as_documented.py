"""The API keeps to its own OpenAPI document, whatever is sent to it."""

from typing import Any

import pytest
import schemathesis
from django.conf import settings
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from core.records.types import record_types
from core.records.writing import create_record

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
TOKEN = "a" * 32


@pytest.fixture
def api(live_workspace: Any, client_of: Any, server: int) -> dict[str, Any]:
    """The document of a workspace that has a record of every type, and what signs a request in."""
    with live_workspace.scope():
        records = {
            kind.slug: create_record(kind, {kind.title: "Northgate"}, by=live_workspace.owner).record.pk
            for kind in record_types()
            if kind.creatable
        }
    client = client_of(live_workspace, live_workspace.owner)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    host = f"{live_workspace.host}:{server}"
    headers = {
        "Host": host,
        "Cookie": f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={TOKEN}",
        "X-CSRFToken": TOKEN,
    }
    document = client.get("/api/v1/openapi.json").json()
    return {
        "document": document,
        "headers": headers,
        "url": f"http://127.0.0.1:{server}",
        "records": records,
    }


def test_the_document_is_json_and_speaks_of_the_product_alone(api):
    text = str(api["document"])
    assert api["document"]["openapi"].startswith("3.")
    assert "views_of" not in text


def test_no_request_breaks_the_api_or_gets_an_answer_that_is_not_documented(api):
    schema = schemathesis.openapi.from_dict(api["document"])
    schema.config.update(base_url=api["url"])
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) == 25
    for operation in operations:
        _try(operation, api)


def _try(operation: Any, api: dict[str, Any]) -> None:
    slug = operation.path.split("/")[3]

    @given(case=operation.as_strategy())
    @hypothesis_settings(
        max_examples=25,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def keeps_to_the_document(case: Any) -> None:
        if "record_id" in (case.path_parameters or {}) and case.method != "DELETE":
            # A made-up id would never get past 404.
            case.path_parameters["record_id"] = str(api["records"][slug])
        case.call_and_validate(headers=api["headers"], checks=CHECKS)

    keeps_to_the_document()
