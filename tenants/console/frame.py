"""The frame of the console's pages: its menu, in web.shell's terms."""

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from web.shell import Place, Shell


def build_frame(request: HttpRequest) -> Shell:
    """For an operator behind the gate."""
    here = request.path
    groups = [(heading, [_marked(place, here) for place in places]) for heading, places in _groups()]
    return Shell(
        workspace_name=_("Guanxi operator"),
        user_name=request.user.name,  # type: ignore[union-attr]
        nav=groups,
        commands=[],
        foot=[_marked(Place(_("Settings"), "/console/settings/", "settings"), here)],
        bottom=[place for _heading, places in groups for place in places][:3],
        find_url="/console/find/",
        profile_url="/console/account/",
        sign_out_url="/console/account/sign-out/",
    )


def _groups() -> list[tuple[str, list[Place]]]:
    return [
        ("", [
            Place(pgettext("menu", "Tenants"), "/console/", "building-2", "t"),
            Place(_("Support"), "/console/support/", "life-buoy", "s"),
        ]),
        (_("Money"), [
            Place(_("Revenue"), "/console/revenue/", "chart-line", "r"),
            Place(_("Failed payments"), "/console/failed-payments/", "credit-card", "f"),
            Place(_("Disputes"), "/console/disputes/", "shield"),
            Place(pgettext("menu", "Plans"), "/console/plans/", "layers", "p"),
            Place(_("Coupons"), "/console/coupons/", "tag"),
        ]),
        (_("Platform"), [
            Place(_("Announcements"), "/console/announcements/", "bell", "a"),
            Place(_("Feature switches"), "/console/switches/", "flag"),
            Place(_("Jobs and queues"), "/console/jobs/", "server", "j"),
            Place(_("Mail log"), "/console/mails/", "mail", "m"),
            Place(_("Access log"), "/console/log/", "history", "l"),
        ]),
    ]  # fmt: skip


def _marked(place: Place, here: str) -> Place:
    inside = here == place.href if place.href == "/console/" else here.startswith(place.href)
    return Place(place.label, place.href, place.icon, place.key, inside, place.count)
