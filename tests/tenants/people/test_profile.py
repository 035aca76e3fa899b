"""One's own details and picture; teams; the workspace's settings."""

import io
import struct
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from PIL import Image

from core.tenancy.scope import public_scope
from tenants.people.models import Team, User
from tenants.registry.hosts import snapshot_of_host, snapshot_of_schema
from tenants.registry.models import Tenant, TenantState

pytestmark = pytest.mark.django_db
DETAILS = {
    "name": "王小明",
    "job_title": "Owner",
    "phone": "1",
    "language": "zh-hans",
    "time_zone": "Asia/Tokyo",
}


def _picture(kind: str = "JPEG", size: tuple[int, int] = (900, 500)) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, "teal").save(made, kind)
    return made.getvalue()


def _bomb() -> bytes:
    """A PNG of a few bytes whose head promises 30,000 by 30,000 pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0"))
        + chunk(b"IEND", b"")
    )


def _upload(client, body: bytes, name: str = "me.png"):
    return client.post("/profile/picture/", {"avatar": SimpleUploadedFile(name, body)})


def test_the_profile_is_saved_and_the_language_changes_at_once(workspace, client_of):
    client = client_of(workspace, workspace.owner)
    answer = client.post("/profile/", DETAILS, follow=True)
    assert "个人资料" in answer.content.decode()
    workspace.owner.refresh_from_db()
    assert workspace.owner.name_key == "wang xiao ming"
    assert workspace.owner.keyboard_shortcuts is False
    found = client.get("/people/pick/?q=xiaoming").json()
    assert [each["text"] for each in found] == ["王小明"]


def test_a_picture_is_made_small_and_served_to_colleagues_only(workspace, member, client_of):
    client = client_of(workspace, workspace.owner)
    assert _upload(client, _picture()).status_code == 302
    path = f"/people/{workspace.owner.pk}/picture/"
    answer = client_of(workspace, member).get(path)
    picture = Image.open(io.BytesIO(b"".join(answer.streaming_content)))
    assert (picture.format, picture.size) == ("PNG", (256, 256))
    assert answer.headers["Content-Type"] == "image/png"
    assert "private" in answer.headers["Cache-Control"]
    assert client_of(workspace).get(path).status_code == 302
    client.post("/profile/picture/", {"remove": "1"})
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "me.png"),
        (b"GIF89a nonsense", "me.gif"),
        (_picture()[:300], "me.jpg"),
        (_bomb(), "me.png"),
        (b"\0" * (5 * 1024 * 1024 + 1), "me.png"),
        (_picture("TIFF"), "me.png"),
    ],
    ids=["svg", "not a gif", "cut off", "bomb", "too large", "tiff"],
)
def test_what_is_no_decent_picture_is_refused(workspace, client_of, body, name):
    answer = _upload(client_of(workspace, workspace.owner), body, name)
    workspace.owner.refresh_from_db()
    assert (answer.status_code, workspace.owner.avatar.name) == (422, "")


def test_teams_are_made_changed_and_deleted_with_an_undo(workspace, member, client_of):
    client = client_of(workspace, workspace.owner)
    client.post("/settings/teams/new/", {"name": "North", "members": [str(member.pk)]})
    team = Team.objects.get()
    member.refresh_from_db()
    assert member.team_id == team.pk
    assert client.get("/teams/pick/?q=nor").json() == [
        {"value": str(team.pk), "text": "North", "note": "1 person", "find": "nor"}
    ]
    assert client.post("/settings/teams/new/", {"name": "North"}).status_code == 422
    client.post(f"/settings/teams/{team.pk}/", {"name": "South", "members": []})
    member.refresh_from_db()
    team.refresh_from_db()
    assert (member.team_id, team.name) == (None, "South")
    client.post(f"/settings/teams/{team.pk}/delete/")
    assert not Team.objects.exists()


@pytest.mark.parametrize(("path", "label"), [("/settings/teams/new/", "名称"), ("/profile/", "姓名")])
def test_a_team_and_a_person_are_named_by_different_words(workspace, client_of, path, label):
    form = client_of(workspace, workspace.owner).get(path).context["form"]
    with translation.override("zh-hans"):
        assert str(form["name"].label) == label


@pytest.mark.parametrize(
    "path",
    ["/settings/people/", "/settings/teams/", "/settings/teams/new/", "/settings/workspace/",
     "/settings/workspace/close/"],
)  # fmt: skip
def test_members_do_not_see_the_workspaces_settings(workspace, member, client_of, path):
    assert client_of(workspace, member).get(path).status_code == 403
    assert client_of(workspace, workspace.owner).get(path).status_code == 200


def test_the_workspace_is_renamed_and_moved_for_the_next_request(workspace, client_of):
    client = client_of(workspace, workspace.owner)
    place = {"language": "zh-hans", "country": "CN", "time_zone": "Asia/Shanghai"}
    assert client.post("/settings/workspace/", {"name": "新名字", **place}).status_code == 302
    with public_scope(switch=True, reason="test"):
        snapshot = snapshot_of_schema(workspace.schema)
    assert (snapshot.name, snapshot.country) == ("新名字", "CN")
    assert "新名字" in client.get("/profile/").content.decode()
    assert client.post("/settings/workspace/", {"name": "x", **place, "country": "ZZ"}).status_code == 422


def test_closing_asks_for_the_name_and_takes_the_address_off(workspace, admin, client_of):
    client = client_of(workspace, workspace.owner)
    name = workspace.snapshot.name
    assert client_of(workspace, admin).post("/settings/workspace/close/", {"typed": name}).status_code == 403
    assert client.post("/settings/workspace/close/", {"typed": "something"}).status_code == 422
    assert client.post("/settings/workspace/close/", {"typed": name}).status_code == 302
    assert client.get("/profile/").status_code == 410
    with public_scope(switch=True, reason="test"):
        tenant = Tenant.objects.get(schema_name=workspace.schema)
        assert (tenant.state, bool(tenant.closed_at)) == (TenantState.CLOSED, True)
        assert snapshot_of_host(workspace.host).state == "closed"


def test_a_colleagues_name_is_escaped_everywhere(workspace, client_of):
    User.objects.create_user("x@firm.example", "x", name="<script>alert(1)</script>")
    page = client_of(workspace, workspace.owner).get("/settings/people/").content.decode()
    assert "<script>alert(1)" not in page
