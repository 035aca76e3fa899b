"""The ready templates. Pure."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.trades.rules.template import FieldPlan, NumberPlan, TradeTemplate, pipeline, plain

GENERAL = "general"

TRADING = TradeTemplate(
    key="trading",
    label=_("Trading firm"),
    note=_("Buys and sells goods: from the enquiry by samples and quotations to the order."),
    icon="ship",
    pipelines=(
        pipeline(
            _("Trade enquiries"),
            (pgettext_lazy("trade stage", "Enquiry"), 10),
            (_("Sample sent"), 30),
            (_("Quotation"), 50),
            (_("Negotiation"), 75),
            won=_("Ordered"),
            lost=_("Lost"),
        ),
    ),
    picklists={
        "source": plain(
            _("Trade fair"), _("Online marketplace"), _("Referral"), _("Website"), _("Agent"), _("Cold call")
        ),
        "region": plain(
            _("Domestic"),
            _("Asia"),
            _("Europe"),
            _("North America"),
            _("South America"),
            _("Middle East"),
            _("Africa"),
        ),
        "lost_reason": plain(
            _("Price"),
            _("Delivery time"),
            _("Sample not accepted"),
            _("Terms of payment"),
            _("Competitor"),
            _("No answer"),
        ),
        "tier": (
            (_("Key customer"), "violet"),
            (_("Regular customer"), "blue"),
            (_("Occasional customer"), ""),
        ),
    },
    fields=(
        FieldPlan("opportunity", "choice", _("Incoterm"), ("EXW", "FOB", "CIF", "DAP", "DDP")),
        FieldPlan("product", "text", _("HS code")),
        FieldPlan(
            "account",
            "choice",
            _("Terms of payment"),
            (_("In advance"), _("30 days"), _("60 days"), _("Letter of credit")),
        ),
    ),
    numbering={
        "account": NumberPlan("C-{0000}"),
        "opportunity": NumberPlan("EN{YYYY}-{0000}", "yearly"),
        "product": NumberPlan("P-{0000}"),
    },
)

AGENCY = TradeTemplate(
    key="agency",
    label=_("Agency"),
    note=_("Wins projects and keeps retainers: briefing, pitch, contract; renewals apart."),
    icon="megaphone",
    pipelines=(
        pipeline(
            _("New business"),
            (_("First talk"), 10),
            (_("Briefing"), 25),
            (_("Pitch"), 50),
            (_("Contract out"), 80),
            won=_("Won"),
            lost=_("Lost"),
        ),
        pipeline(
            _("Retainers"),
            (_("Renewal due"), 60),
            (_("In talks"), 75),
            won=_("Renewed"),
            lost=_("Ended"),
        ),
    ),
    picklists={
        "source": plain(
            _("Referral"),
            _("Pitch portal"),
            _("Website"),
            _("Award or press"),
            _("Former client"),
            _("Event"),
        ),
        "lost_reason": plain(
            _("Budget"), _("Idea"), _("Competitor"), _("Stays in-house"), _("No decision"), _("Timing")
        ),
        "tier": ((_("Retainer client"), "violet"), (_("Project client"), "blue"), (_("Prospect"), "")),
    },
    fields=(
        FieldPlan("opportunity", "number", _("Estimated hours")),
        FieldPlan("opportunity", "web", _("Brief")),
    ),
    modules_off=("products",),
    numbering={"opportunity": NumberPlan("J{YY}-{000}", "yearly")},
)

EQUIPMENT = TradeTemplate(
    key="equipment",
    label=_("Equipment and service"),
    note=_(
        "Sells machines and looks after them: offers, installation, service contracts that come up for renewal."
    ),
    icon="wrench",
    pipelines=(
        pipeline(
            _("Equipment"),
            (pgettext_lazy("stage", "Enquiry"), 10),
            (_("Site visit"), 30),
            (_("Offer"), 50),
            (_("Negotiation"), 75),
            won=_("Ordered"),
            lost=_("Lost"),
        ),
        pipeline(
            _("Service contracts"),
            (_("Runs out soon"), 50),
            (pgettext_lazy("stage", "Offered"), 70),
            won=_("Signed"),
            lost=_("Not renewed"),
        ),
    ),
    picklists={
        "source": plain(
            _("Existing machine"),
            _("Service visit"),
            _("Referral"),
            _("Manufacturer"),
            _("Website"),
            _("Fair"),
        ),
        "lost_reason": plain(
            _("Price"), _("Competitor"), _("Repaired instead"), _("Postponed"), _("No budget")
        ),
        "tier": ((_("Service contract"), "green"), (_("Warranty"), "blue"), (_("On call"), "")),
    },
    fields=(
        FieldPlan("account", "number", _("Machines on site")),
        FieldPlan("product", "number", _("Warranty"), unit=_("months")),
        FieldPlan(
            "opportunity",
            "choice",
            _("Kind of work"),
            (_("New machine"), _("Replacement"), _("Overhaul"), _("Service contract")),
        ),
    ),
    numbering={
        "account": NumberPlan("S-{0000}"),
        "opportunity": NumberPlan("EQ-{YYYY}-{000}", "yearly"),
        "product": NumberPlan("M-{0000}"),
    },
)

SCHOOL = TradeTemplate(
    key="school",
    label=_("School and courses"),
    note=_("Enrols families and firms: visit, trial lesson, application, enrolment."),
    icon="graduation-cap",
    pipelines=(
        pipeline(
            _("Enrolment"),
            (pgettext_lazy("stage", "Enquiry"), 10),
            (_("Visit booked"), 30),
            (_("Trial lesson"), 50),
            (_("Application"), 75),
            won=_("Enrolled"),
            lost=_("Not enrolled"),
        ),
    ),
    picklists={
        "trade": plain(_("Family"), _("Firm"), _("Partner school"), _("Public body")),
        "source": plain(_("Open day"), _("Referral"), _("Website"), _("Social media"), _("Leaflet")),
        "lost_reason": plain(
            _("Fees"), _("Distance"), _("Timetable"), _("Another school"), _("No place free")
        ),
        "tier": ((_("Enrolled"), "green"), (_("Waiting list"), "amber"), (_("Former"), "")),
    },
    fields=(
        FieldPlan("contact", "choice", _("Level"), ("A1", "A2", "B1", "B2", "C1", "C2")),
        FieldPlan("opportunity", "date", _("Trial lesson on")),
        FieldPlan("product", "number", _("Places")),
    ),
    numbering={
        "account": NumberPlan("F-{0000}"),
        "opportunity": NumberPlan("EN-{YYYY}-{000}", "yearly"),
        "product": NumberPlan("K-{000}"),
    },
)

TEMPLATES = (TRADING, AGENCY, EQUIPMENT, SCHOOL)


def template_of(key: str) -> TradeTemplate | None:
    """None for the general workspace, and for a key of a newer release."""
    return next((each for each in TEMPLATES if each.key == key), None)
