"""Where one is signed in, and what happened with one's own account."""

from typing import Any

from allauth.usersessions.models import UserSession
from allauth.usersessions.views import ListUserSessionsView
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.ids import read_int
from tenants.people.membership import end_sessions
from tenants.people.models import EventKind
from tenants.people.security.events import note_event
from tenants.people.security.log import own_events, page_of_log
from web.answers import go


class SessionsView(ListUserSessionsView):  # type: ignore[misc]
    """allauth's list; POST ends one session, or all but this one."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        page = page_of_log(own_events(self.request.user), before=self.request.GET.get("before", ""))
        return context | {"page": page, "is_later": bool(self.request.GET.get("before"))}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        person: Any = request.user
        here = request.session.session_key or ""
        one = read_int(request.POST.get("session", ""))
        if one is not None:
            found = UserSession.objects.filter(pk=one, user=person).exclude(session_key=here)
            count = len([session.end() for session in found])
        else:
            count = end_sessions(person, keep=here)
        if count:
            note_event(EventKind.SESSIONS_ENDED, person=person, text=str(count))
        said = ngettext("%(count)d session ended", "%(count)d sessions ended", count) % {"count": count}
        return go(request, request.path, said if count else _("You are signed in nowhere else."))


sessions = SessionsView.as_view()
