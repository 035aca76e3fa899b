"""The frame of a workspace's pages: which places its menu has."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from config.rooms import commands, foot, menu, settings_menu
from core.records.saved_views import saved_views
from core.records.types import record_type, record_types
from core.tenancy.scope import current_snapshot
from crm.activities.views.bell import bell_of
from tenants.people.pictures import picture_url
from web.shell import Notice, Place, Shell


def build_shell(request: HttpRequest) -> Shell:
    """For a signed-in person; somebody without a session sees pages without the frame."""
    user: Any = request.user
    here = request.path
    groups = [
        (str(heading), [_current(place, here) for place in places]) for heading, places in menu(request)
    ]
    if pinned := _pinned_views(user):
        groups.append((_("Pinned views"), [_current(place, here) for place in pinned]))
    return Shell(
        workspace_name=current_snapshot().name,
        user_name=user.name,
        nav=groups,
        create=_creatable(),
        commands=commands(request),
        foot=[_current(place, here) for place in foot()],
        bottom=[_current(place, here) for place in _bottom(groups)],
        bell=bell_of(user),
        settings=[
            (str(heading), [_current(place, here) for place in places])
            for heading, places in settings_menu(request)
        ],
        notices=_notices(user),
        find_url="/palette",
        profile_url="/profile/",
        user_picture=picture_url(user),
        sign_out_url="/account/logout/",
        keys=user.keyboard_shortcuts,
    )


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


def _creatable() -> list[Place]:
    return [
        Place(str(kind.label).capitalize(), f"/{kind.slug}/new/", kind.icon)
        for kind in record_types()
        if kind.creatable
    ]


def _bottom(groups: list[tuple[str, list[Place]]]) -> list[Place]:
    """The first three places of the menu, for the phone."""
    places = [place for _heading, group in groups for place in group]
    return places[:3]


def _pinned_views(user: Any) -> list[Place]:
    views = [view for view in saved_views(to=user) if view.pinned and view.owner_id == user.pk][:8]
    known = {kind.key for kind in record_types()}
    return [
        Place(view.name, f"{record_type(view.record_type).list_url}?{view.query}", "star")
        for view in views
        if view.record_type in known
    ]
