"""The frame of a workspace's pages: which places its menu has."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.rooms import commands, foot, menu, settings_menu
from core.clock import now
from core.entitlements import LIMIT_WORDS, Access, Entitlements
from core.records.rights import Verb, is_offered_new, may
from core.records.saved_views import saved_views
from core.records.types import record_type, record_types
from core.tenancy.scope import current_snapshot
from core.usage.counting import nearly_full
from crm.activities.views.bell import bell_of
from tenants.console.announcing import notices_for
from tenants.console.support.banner import support_notice
from tenants.console.support.middleware import is_open_to_support
from tenants.people.pictures import picture_url
from tenants.people.roles.viewing import viewing_notice
from tenants.people.security.gate import factor_notice
from web.modules import open_places
from web.shell import Notice, Place, Shell

# A trial's end is told this long before, on every page.
TRIAL_NOTICE_DAYS = 5


def build_shell(request: HttpRequest) -> Shell:
    """For a signed-in person; somebody without a session sees pages without the frame."""
    user: Any = request.user
    here = request.path
    groups = [
        (str(heading), [_current(place, here) for place in shown])
        for heading, places in menu(request)
        if (shown := open_places(places))
    ]
    if pinned := _pinned_views(user):
        groups.append((_("Pinned views"), [_current(place, here) for place in pinned]))
    support = getattr(request, "support", None)
    return Shell(
        workspace_name=current_snapshot().name,
        user_name=user.name,
        nav=groups,
        create=_creatable(user),
        commands=_seen(commands(request), support),
        foot=[_current(place, here) for place in open_places(foot())],
        bottom=[_current(place, here) for place in _bottom(groups)],
        bell=bell_of(user),
        settings=[
            (str(heading), [_current(place, here) for place in shown])
            for heading, places in settings_menu(request)
            if (shown := _seen(places, support))
        ],
        notices=[support_notice(support)]
        if support
        else [
            *viewing_notice(user),
            *factor_notice(request),
            *_standing(user),
            *_nearly_full(user),
            *notices_for(user, current_snapshot(), now()),
            *_notices(user),
        ],
        find_url="/palette",
        profile_url="" if support else "/profile/",
        user_picture=picture_url(user),
        sign_out_url="" if support else "/account/logout/",
        keys=user.keyboard_shortcuts,
    )


def _seen(places: list[Place], support: Any) -> list[Place]:
    """Without what belongs to a module that is off, or is closed to an operator who was let in."""
    places = open_places(places)
    return [place for place in places if is_open_to_support(place.href)] if support else places


def _current(place: Place, here: str) -> Place:
    """Marked when the page at hand lies under it; '/' only for itself."""
    if place.current:
        return place
    path = place.href.partition("?")[0]
    inside = here == path if path == "/" else here.startswith(path) and "?" not in place.href
    return Place(place.label, place.href, place.icon, place.key, inside, place.count)


def _notices(user: Any) -> list[Notice]:
    """What stays above every page until something is done about it."""
    if user.mail_confirmed_at or not user.email:
        return []
    text = _("Please confirm your mail address: follow the link that we sent to %(mail)s.")
    return [Notice(text % {"mail": user.email}, "mail", "amber", "/profile/", _("Send it again"))]


def _standing(user: Any) -> list[Notice]:
    """What the subscription wants, out of the snapshot: administrators hear of it in time, all of what is locked."""
    entitlements = Entitlements.of(current_snapshot())
    until = entitlements.until
    may_pay = user.may_administer
    href, action = ("/settings/billing/", _("Billing")) if may_pay else ("", "")
    if entitlements.state == "trial" and until is not None and may_pay:
        left = (until - now()).days
        if left >= TRIAL_NOTICE_DAYS:
            return []
        text = ngettext("The trial ends in %(count)d day.", "The trial ends in %(count)d days.", max(0, left))
        return [Notice(text % {"count": max(0, left)}, "clock", "amber", href, action)]
    if entitlements.state == "past_due" and may_pay and until is not None:
        day = date_format(timezone.localtime(until), "DATE_FORMAT")
        text = _("A payment failed. Everything works until %(day)s; please pay or give another card.")
        return [Notice(text % {"day": day}, "credit-card", "red", href, action)]
    words = {
        Access.LIMITED: _("A payment is overdue: invitations and imports are locked."),
        Access.READ_ONLY: _("This workspace can only be read at the moment."),
        Access.SUSPENDED: _("This workspace is suspended: only billing and export work."),
    }
    if entitlements.access in words:
        return [Notice(words[entitlements.access], "lock", "red", href, action)]
    return []


def _nearly_full(user: Any) -> list[Notice]:
    """Who can buy more hears in time that something fills up; the fullest only."""
    if not user.may_administer:
        return []
    for limit, percent in nearly_full()[:1]:
        words = {"what": LIMIT_WORDS[limit], "percent": percent}
        if percent >= 100:
            text, tone = _("%(what)s: full. Nothing can be added; what is there stays."), "red"
        else:
            text, tone = _("%(what)s: %(percent)d%% of what the plan has room for is used."), "amber"
        return [Notice(text % words, "hard-drive", tone, "/settings/billing/", _("Billing"))]
    return []


def _creatable(user: Any) -> list[Place]:
    return [
        Place(str(kind.label).capitalize(), f"/{kind.slug}/new/", kind.icon)
        for kind in record_types()
        if is_offered_new(user, kind)
    ]


def _bottom(groups: list[tuple[str, list[Place]]]) -> list[Place]:
    """The first three places of the menu, for the phone."""
    places = [place for _heading, group in groups for place in group]
    return places[:3]


def _pinned_views(user: Any) -> list[Place]:
    views = [view for view in saved_views(to=user) if view.pinned and view.owner_id == user.pk][:8]
    known = {kind.key for kind in record_types() if may(user, kind, Verb.SEE)}
    return [
        Place(view.name, f"{record_type(view.record_type).list_url}?{view.query}", "star")
        for view in views
        if view.record_type in known
    ]
