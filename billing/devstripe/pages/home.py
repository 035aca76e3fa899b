"""What there is under the installation's own key, and its test clocks to turn."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.views.decorators.http import require_http_methods

from billing.devstripe import clocks, events
from billing.devstripe.errors import Refusal, invalid
from billing.devstripe.events import DELIVERY_MODES
from billing.devstripe.models import Account
from billing.devstripe.pages.frame import day, language_of, moment, show
from billing.devstripe.store import LOCK, all_of, get
from billing.devstripe.words import word

_MOST = 50


@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    with translation.override(language_of(request, None)):
        account = Account.objects.filter(key=settings.SECRET_KEY).first() or Account(key=settings.SECRET_KEY)
        problem = ""
        if request.method == "POST":
            try:
                with LOCK, transaction.atomic():
                    _turn(account, request)
                return HttpResponseRedirect("/")
            except Refusal as refusal:
                problem = word(str(refusal))
        return show(request, "home.html", {**_context(account), "problem": problem})


def _turn(account: Account, request: HttpRequest) -> None:
    """One of the page's forms: a clock, an event once more, how deliveries go."""
    if request.POST.get("clock"):
        try:
            to = dt.datetime.fromisoformat(request.POST.get("to", "")).replace(tzinfo=dt.UTC)
        except ValueError:
            raise invalid("Give a moment such as 2026-12-01 09:00.")
        clocks.advance(account, request.POST["clock"], {"frozen_time": int(to.timestamp())})
    elif request.POST.get("event"):
        events.send_again(account, get(account, "event", request.POST["event"])["id"])
    elif request.POST.get("mode") in DELIVERY_MODES:
        account.settings["delivery"] = request.POST["mode"]
        account.save(update_fields=["settings"])


def _context(account: Account) -> dict[str, Any]:
    names = {each["id"]: each["name"] or each["id"] for each in all_of(account, "customer")}
    owners = {each["test_clock"]: each["name"] for each in all_of(account, "customer") if each["test_clock"]}
    return {
        "customers": all_of(account, "customer")[:_MOST],
        "subscriptions": [
            {**each, "until": day(each["_period"][1]), "whose": names.get(each["customer"], each["customer"])}
            for each in all_of(account, "subscription")[:_MOST]
        ],
        "clocks": [
            {
                **each,
                "at": moment(each["frozen_time"]),
                "whose": owners.get(each["id"]) or each["name"] or each["id"],
            }
            for each in all_of(account, "test_helpers.test_clock")[:_MOST]
        ],
        "events": [{**each, "at": moment(each["created"])} for each in all_of(account, "event")[:_MOST]],
        "mode": account.settings.get("delivery", "normal"),
        "modes": DELIVERY_MODES,
    }
