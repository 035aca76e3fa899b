"""The workspace's own look: checked, of our own making, seen before and after sign-in and in mails."""

import io

import pytest
from django.core import mail
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from core.errors import DomainError
from core.history.undo import undo
from core.records.types import record_type
from core.records.writing import create_record
from core.tenancy.scope import public_scope
from crm.activities.services.activities import log_activity
from crm.mail.tasks import _message
from crm.workspace.selectors.branding import branding_now, style_sheet
from crm.workspace.services.branding import LOGO_PIXELS, remove_logo, set_logo, set_look
from tenants.people.mailing import send_mail_in
from tenants.people.models import User
from tenants.people.workspace_settings import forget_settings
from web.branding import Brand, current_brand

pytestmark = pytest.mark.django_db


def picture(kind="PNG", size=(900, 200), name="logo.png") -> SimpleUploadedFile:
    made = io.BytesIO()
    Image.new("RGB", size, "#aa3300").save(made, kind)
    return SimpleUploadedFile(name, made.getvalue())


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_logo_is_made_anew_and_small(kind, workspace):
    set_logo(picture(kind, name="../../evil.svg"), by=workspace.owner)
    logo = branding_now().logo
    assert logo.startswith("branding/")
    with default_storage.open(logo) as stored:
        made = Image.open(stored)
        assert made.format == "PNG"
        assert (made.width, made.height) == (480, 107)
        assert made.width <= LOGO_PIXELS[0]


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (
            SimpleUploadedFile(
                "a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
            ),
            "PNG",
        ),
        (SimpleUploadedFile("a.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 40), "PNG"),
        (picture("GIF"), "PNG"),
        (SimpleUploadedFile("a.png", b"x" * (2 * 1024 * 1024 + 1)), "2 MB"),
        (picture("PNG", (9000, 9000)), "pixels"),
    ],
    ids=["svg", "damaged", "gif", "large", "bomb"],
)
def test_what_is_no_logo_is_refused(upload, words, workspace):
    with pytest.raises(DomainError, match=words) as refused:
        set_logo(upload, by=workspace.owner)
    assert set(refused.value.fields) == {"logo"}
    assert branding_now().logo == ""


def test_colour_and_footer_are_checked(workspace):
    with pytest.raises(DomainError) as refused:
        set_look(accent="red; } body { display: none", footer="x" * 700, by=workspace.owner)
    assert set(refused.value.fields) == {"accent", "footer"}
    set_look(accent="#AA3300", footer="Acme Ltd\n  Harbour 1 ", by=workspace.owner)
    now = branding_now()
    assert (now.accent, now.footer) == ("#aa3300", "Acme Ltd\nHarbour 1")


def test_the_style_sheet_says_only_colours():
    sheet = style_sheet("#aa3300")
    assert sheet.startswith(":root{--accent:light-dark(#aa3300,#")
    assert sheet.count("light-dark(") == 4


def test_the_look_is_on_every_page_also_before_sign_in(workspace, client_of):
    stranger, owner = client_of(workspace), client_of(workspace, workspace.owner)
    for client, path in ((stranger, "/account/login/"), (owner, "/accounts/")):
        assert "/branding/" not in client.get(path).content.decode()
    assert stranger.get("/branding/accent.css").status_code == 404
    assert stranger.get("/branding/logo/").status_code == 404
    set_look(accent="#aa3300", footer="", by=workspace.owner)
    set_logo(picture(), by=workspace.owner)
    brand = current_brand()
    for client, path in ((stranger, "/account/login/"), (owner, "/accounts/")):
        page = client.get(path).content.decode()
        assert f'href="{brand.style_url}"' in page
        assert f'src="{brand.logo_url}"' in page
    sheet = stranger.get(brand.style_url)
    assert sheet.headers["Content-Type"].startswith("text/css")
    assert b"--accent:light-dark(#aa3300" in sheet.content
    logo = stranger.get(brand.logo_url)
    assert logo.headers["Content-Type"] == "image/png"
    assert logo.headers["X-Content-Type-Options"] == "nosniff"
    assert b"".join(logo.streaming_content).startswith(b"\x89PNG")
    # Another look has other addresses, so that browsers may keep them.
    set_look(accent="#003399", footer="", by=workspace.owner)
    assert current_brand().style_url != brand.style_url


def test_nobody_sees_anothers_look(workspace, other_workspace, client_of):
    set_look(accent="#aa3300", footer="", by=workspace.owner)
    assert client_of(other_workspace).get("/branding/accent.css").status_code == 404
    with public_scope(switch=True, reason="test"):
        assert current_brand() == Brand()


def test_undo_brings_the_former_logo_back(workspace):
    set_logo(picture(), by=workspace.owner)
    first = branding_now().logo
    batch = remove_logo(by=workspace.owner)
    assert branding_now().logo == ""
    undo(batch, by=workspace.owner, label="undone")
    forget_settings()
    assert branding_now().logo == first
    assert default_storage.exists(first)


def test_mails_carry_footer_and_logo(workspace):
    context = {"workspace": workspace.snapshot, "url": "https://x.example/", "name": "Tom"}
    send_mail_in("en", "tenants/people/mail/confirmation", "a@b.example", context)
    assert "-- " not in mail.outbox[-1].body
    set_look(accent="", footer="Acme <Ltd>\nHarbour 1", by=workspace.owner)
    set_logo(picture(), by=workspace.owner)
    send_mail_in("en", "tenants/people/mail/confirmation", "a@b.example", context)
    message = mail.outbox[-1]
    assert message.body.endswith("-- \nAcme <Ltd>\nHarbour 1\n")
    html = message.alternatives[0][0]
    assert "Acme &lt;Ltd&gt;" in html
    assert f'src="http://{workspace.host}' in html
    account = create_record(record_type("account"), {"name": "Acme"}, by=workspace.owner).record
    details = {"to": ["a@b.example"], "cc": [], "state": "queued", "reason": ""}
    note = log_activity(account, kind="mail", text="Hello", details=details, by=workspace.owner).record
    assert _message(note).body == "Hello\n\n-- \nAcme <Ltd>\nHarbour 1"


def test_a_forgotten_password_comes_with_the_footer(workspace, client_of):
    set_look(accent="", footer="Acme Ltd, Harbour 1", by=workspace.owner)
    answer = client_of(workspace).post("/account/password/reset/", {"email": workspace.owner.email})
    assert answer.status_code == 302
    assert "Acme Ltd, Harbour 1" in mail.outbox[-1].body


def test_the_page(workspace, client_of):
    client = client_of(workspace, workspace.owner)
    assert client.get("/settings/branding/").status_code == 200
    answer = client.post("/settings/branding/", {"own": "yes", "accent": "#ffe000", "footer": "Acme"})
    assert answer.status_code == 302
    page = client.get("/settings/branding/").content.decode()
    assert "made darker" in page
    assert 'value="#ffe000"' in page
    assert (
        client.post("/settings/branding/", {"own": "yes", "accent": "nonsense", "footer": ""}).status_code
        == 422
    )
    preview = client.get("/settings/branding/preview/?own=yes&accent=%23aa3300").content.decode()
    assert 'fill="#aa3300"' in preview
    assert client.get("/settings/branding/preview/?own=yes&accent=%22%3E%3Cscript").status_code == 200
    assert client.post("/settings/branding/logo/", {"logo": picture()}).status_code == 302
    svg = SimpleUploadedFile("a.svg", b"<svg/>")
    assert client.post("/settings/branding/logo/", {"logo": svg}).status_code == 422
    assert client.post("/settings/branding/logo/", {}).status_code == 422
    assert client.post("/settings/branding/", {"accent": "#ffe000", "footer": ""}).status_code == 302
    assert branding_now().accent == ""
    member = client_of(workspace, User.objects.create_user("m@own.example", "x", name="Member"))
    for path in ("/settings/branding/", "/settings/branding/preview/"):
        assert member.get(path).status_code == 403
    assert member.post("/settings/branding/logo/", {"remove": "1"}).status_code == 403
