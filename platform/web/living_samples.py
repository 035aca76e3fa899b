"""Sample figures for the living page, in the reader's language. Only developers see them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import SimpleNamespace as Sample
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from web import charts
from web.shell import Notice, Place, Shell

PEOPLE = {"en": ("Maya Okafor", "Tom Reyes", "Aisha Khan"), "zh": ("陈思远", "林婉清", "周子墨")}
FIRMS = {
    "en": ("Northgate Dental Group", "Kestrel Coffee Roasters", "Calder Logistics", "Lumen Co-working"),
    "zh": ("宁波海曙口腔医院", "南京焙客咖啡", "杭州悦行物流", "苏州澄湖置业"),
}
JOBS = {
    "en": (
        "Reception and three surgeries",
        "Roastery café counter",
        "Head office move",
        "Ground floor refit",
    ),
    "zh": ("门诊大厅翻新", "连锁门店标准化", "前台与候诊区家具", "样板间软装"),
}
STAGES = {
    "en": ("Qualified", "Discovery", "Proposal", "Negotiation"),
    "zh": ("需求确认", "方案设计", "报价", "商务谈判"),
}
TRADES = {
    "en": ("Healthcare", "Food and drink", "Transport", "Property"),
    "zh": ("医疗", "餐饮", "物流", "地产"),
}
DOTS = ("blue", "teal", "violet", "amber")
NEXT_TONES = ("red", "amber", "green", "")


def told(words: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The words of the reader's language."""
    return words["zh" if (get_language() or "").startswith("zh") else "en"]


def money(amount: int | Decimal) -> str:
    sign = "¥" if (get_language() or "").startswith("zh") else "£"
    return f"{sign}{amount:,.0f}"


def shell(current: str) -> Shell:
    """A frame with every part of it filled."""

    def place(label: str, icon: str, name: str, key: str = "", count: int | None = None) -> Place:
        return Place(label, f"/living/{name}", icon, key, current == name, count)

    board = place(_("Pipeline"), "square-kanban", "board", "p")
    accounts = place(_("Accounts"), "building-2", "list", "a")
    today = place(_("Components"), "sun", "", "t")
    return Shell(
        workspace_name="禾木空间设计" if told(PEOPLE)[0] == "陈思远" else "Brightwater Interiors",
        user_name=told(PEOPLE)[0],
        nav=[
            ("", [today, place(_("Record"), "inbox", "record", "i", 4)]),
            (_("Sell"), [board, accounts, place(_("Charts"), "chart-no-axes-column", "charts", "r")]),
        ],
        foot=[place(_("Settings"), "settings", "settings", "s")],
        bottom=[today, board, accounts],
        create=[
            Place(_("New account"), "/living/form", "building-2"),
            Place(_("Log a call"), "/living/form", "phone"),
        ],
        notices=[Notice(_("Support has this workspace open. Every visit is in the access log."))],
        find_url="/living/find",
        profile_url="/living/settings",
        sign_out_url="/living/touch",
    )


def figures() -> list[charts.Figure]:
    amounts = (136_850, 109_150, 106_750, 47_950)
    return [
        charts.Figure(
            label, amount, money(amount), href="/living/list", note=_("%(count)s open") % {"count": 4 - place}
        )
        for place, (label, amount) in enumerate(zip(told(STAGES), amounts, strict=True))
    ]


def months(count: int = 12) -> list[charts.Figure]:
    return [
        charts.Figure(f"{date(2026, place % 12 + 1, 1):%m}", amount, money(amount), href="/living/list")
        for place, amount in enumerate([21_000 + (place * 7919) % 23_000 for place in range(count)])
    ]


def kpis() -> list[dict[str, Any]]:
    run = charts.spark([28, 30, 29, 33, 34, 33, 37, 36, 40, 41])
    flat = charts.spark([5, 5, 5])
    words = _("Rising over ten weeks")
    return [
        {
            "label": _("Open pipeline"),
            "value": money(412_900),
            "change": f"+{money(38_400)}",
            "tone": "green",
            "note": _("since Monday"),
            "spark": run,
            "run": words,
            "href": "/living/list",
        },
        {
            "label": _("Closing this month"),
            "value": money(96_800),
            "change": "5",
            "note": _("opportunities"),
            "spark": flat,
            "run": _("Level"),
        },
        {"label": _("Overdue"), "value": "11", "change": "+3", "tone": "red", "note": _("since Monday")},
        {
            "label": _("Won this quarter"),
            "value": money(184_200),
            "change": "71%",
            "note": _("of goal"),
            "spark": run,
            "run": words,
        },
    ]


def stages() -> list[dict[str, Any]]:
    """A board with a late, a missing, a present and a plain next step."""
    out = []
    for place, label in enumerate(told(STAGES)):
        cards = [
            {
                "id": f"{place}-{row}",
                "title": told(JOBS)[(place + row) % 4],
                "href": "/living/record",
                "about": told(FIRMS)[(place + row) % 4],
                "figure": money(12_200 * (row + 1)),
                "move_url": f"/living/move/{place}-{row}",
                "tag": _("Large") if row == 1 else "",
                "tag_tone": "violet",
                "next": (
                    _("Overdue, 2 days"),
                    _("No next step"),
                    _("Call today, 14:00"),
                    _("Visit, 23 November"),
                )[row],
                "next_tone": NEXT_TONES[row],
                "owner": told(PEOPLE)[row % 3],
            }
            for row in range(4 - place)
        ]
        total = money(sum(12_200 * (row + 1) for row in range(4 - place)))
        out.append(
            {
                "id": str(place),
                "label": label,
                "dot": DOTS[place],
                "count": len(cards),
                "total": total,
                "chance": f"{20 + place * 20}%",
                "create_url": "/living/form",
                "cards": cards,
            }
        )
    return out


def job(state: str, done: int = 61_480) -> Sample:
    share = f"{done * 100 // 98_200}%"
    return Sample(
        url=f"/living/job/{state}",
        title="accounts_2026.csv",
        icon="file-spreadsheet",
        done=done,
        total=0 if state == "waiting" else 98_200,
        percent=share,
        figures=[(_("Rows"), f"{done:,}"), (_("Rate"), _("1,420 rows/s")), (_("Left"), _("about 26 s"))],
        sentence=_("12 rows set aside so far."),
        state=state,
        cancel_url="/living/touch",
        error_file_url="/living/touch" if state in ("done", "failed") else "",
        result_url="/living/list",
    )
