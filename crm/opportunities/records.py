"""Opportunities, declared once."""

from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.records.fields import (
    Choice,
    Date,
    ForeignMoney,
    Group,
    Link,
    LongText,
    Moment,
    Money,
    Option,
    Percent,
    Person,
    Section,
    Text,
)
from core.records.types import Preset, RecordType
from crm.accounts.records import ACCOUNT, CONTACT
from crm.customize.services.picklists import picklist_choice
from crm.opportunities.models import Opportunity, Outcome
from crm.opportunities.selectors.opportunities import visible_opportunities
from crm.opportunities.services.opportunities import (
    check_opportunity,
    prepare_opportunities,
    prepare_opportunity,
)
from crm.opportunities.services.stages import add_stage, forget_stages, pipeline_options, stage_options
from crm.products.records import PRODUCT
from crm.workspace.selectors.currencies import currency_options, knows_other_currencies
from crm.workspace.selectors.numbering import when_numbered

_OUTCOME_TONES = {"won": "green", "lost": "red"}

OPPORTUNITY = RecordType(
    key="opportunity",
    slug="opportunities",
    model=Opportunity,
    label=_("opportunity"),
    label_plural=_("opportunities"),
    icon="square-kanban",
    shortcut="o",
    board_url="/opportunities/board/",
    title="name",
    order="-updated_at",
    owner="owner",
    team="team",
    finished=Q(outcome__in=[Outcome.WON, Outcome.LOST]),
    fields=[
        Text(
            name="name",
            label=_("Name"),
            search=True,
            sort="name_key",
            aliases=("opportunity", "opportunity name", "deal", "deal name", "商机", "商机名称"),
        ),
        Text(
            name="reference",
            label=_("Reference"),
            search=True,
            max_length=60,
            icon="hash",
            aliases=("opportunity id", "deal id", "number", "编号", "商机编号"),
        ),
        Text(
            name="number",
            label=_("Number"),
            search=True,
            max_length=40,
            icon="hash",
            in_use=when_numbered("opportunity"),
            help=_("Given on saving where it is left empty."),
            aliases=("our number", "system number", "系统编号"),
        ),
        Link(
            name="account",
            label=_("Account"),
            target=lambda: ACCOUNT,
            search=True,
            icon="building-2",
            aliases=("account name", "company", "customer", "客户", "公司"),
        ),
        Link(name="contact", label=_("Contact"), target=lambda: CONTACT, icon="users", aliases=("联系人",)),
        Link(
            name="product",
            label=_("Product"),
            target=lambda: PRODUCT,
            icon="package",
            aliases=("item", "产品"),
        ),
        Choice(
            name="stage",
            label=_("Stage"),
            column="stage_id",
            options=stage_options,
            add=add_stage,
            forget=forget_stages,
            aliases=("deal stage", "status", "sales stage", "阶段", "销售阶段"),
        ),
        Choice(
            name="pipeline",
            label=_("Pipeline"),
            column="pipeline_id",
            options=pipeline_options,
            read_only=True,
            importable=False,
        ),
        Choice(
            name="outcome",
            label=_("Outcome"),
            read_only=True,
            importable=False,
            options=lambda: [Option(v, label, _OUTCOME_TONES.get(v, "")) for v, label in Outcome.choices],
        ),
        Money(
            name="amount",
            label=_("Amount"),
            sort="amount",
            minimum=Decimal(0),
            icon="banknote",
            help=_(
                "In the base currency. It follows from the amount in another currency, where there is one."
            ),
            aliases=("value", "close value", "deal value", "revenue", "金额", "成交金额"),
        ),
        ForeignMoney(
            name="currency_amount",
            label=_("Foreign amount"),
            minimum=Decimal(0),
            icon="banknote",
            in_use=knows_other_currencies,
            aliases=("amount in currency", "foreign amount", "original amount", "原币金额", "外币金额"),
        ),
        Choice(
            name="currency",
            label=_("Currency"),
            options=currency_options,
            in_use=knows_other_currencies,
            aliases=("currency", "deal currency", "currency code", "币种", "货币"),
        ),
        Percent(
            name="probability_percent", label=_("Probability"), aliases=("probability", "概率", "可能性")
        ),
        Date(
            name="opened_on",
            label=_("Opened"),
            icon="calendar",
            aliases=("engage date", "created date", "open date", "start date", "开始日期", "创建日期"),
        ),
        Date(
            name="expected_on",
            label=_("Expected close"),
            sort="expected_on",
            icon="calendar-clock",
            aliases=("expected close date", "forecast date", "预计成交", "预计成交日期"),
        ),
        Date(
            name="closed_on",
            label=_("Closed"),
            icon="calendar",
            aliases=("close date", "closed date", "成交日期", "关闭日期"),
        ),
        Person(
            name="owner",
            label=_("Owner"),
            icon="user",
            aliases=("sales agent", "sales rep", "agent", "salesperson", "负责人", "销售"),
        ),
        Group(name="team", label=_("Team"), aliases=("团队",)),
        picklist_choice("source", _("Source"), "lead source", "来源"),
        picklist_choice(
            "lost_reason", _("Lost because"), "lost reason", "loss reason", "输单原因", "丢单原因"
        ),
        Text(name="won_reason", label=_("Won because"), aliases=("won reason", "win reason", "赢单原因")),
        LongText(name="description", label=_("Description"), width="wide", aliases=("notes", "备注")),
        Moment(name="stage_since", label=_("In stage since"), read_only=True, importable=False),
        Moment(name="last_activity_at", label=_("Last activity"), read_only=True, importable=False),
        Moment(name="updated_at", label=_("Changed"), read_only=True, importable=False, sort="updated_at"),
    ],
    columns=["name", "account", "stage", "amount", "expected_on", "owner", "updated_at"],
    layout=[
        Section(
            _("Details"),
            (
                "name",
                "account",
                "contact",
                "product",
                "stage",
                "amount",
                "currency",
                "currency_amount",
                "probability_percent",
                "owner",
                "team",
            ),
        ),
        Section(_("Dates"), ("opened_on", "expected_on", "closed_on")),
        Section(_("More"), ("number", "reference", "source", "won_reason", "lost_reason", "description")),
    ],
    subtitle=["account"],  # not the stage: each move of a card would write what search shows of it
    facts=["amount", "stage", "expected_on", "last_activity_at"],
    duplicate_key=["number", "reference"],
    presets=[
        Preset(_("My open opportunities"), "f=owner.me.&f=outcome.any.open"),
        Preset(
            _("Closing this month"), "f=outcome.any.open&f=expected_on.period.this_month&sort=expected_on"
        ),
        Preset(_("Won this quarter"), "f=outcome.any.won&f=closed_on.period.this_quarter"),
        Preset(_("Overdue"), "f=outcome.any.open&f=expected_on.period.before_today&sort=expected_on"),
    ],
    visible=visible_opportunities,
    prepare=prepare_opportunity,
    check=check_opportunity,
    bulk_prepare=prepare_opportunities,
)
