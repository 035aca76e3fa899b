"""Accounts and contacts, declared once. Read this file first."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.records.fields import (
    Choice,
    Date,
    Group,
    Link,
    LongText,
    Mail,
    Moment,
    Money,
    Number,
    Option,
    Person,
    Phone,
    Section,
    Text,
    Web,
    YesNo,
)
from core.records.types import Preset, RecordType
from crm.accounts.models import Account, Channel, Contact, Influence, LifecycleStage
from crm.accounts.selectors import visible_accounts, visible_contacts
from crm.accounts.services import check_account
from crm.customize.services.picklists import picklist_choice
from crm.workspace.selectors.numbering import when_numbered

_STAGE_TONES = {"customer": "ok", "partner": "blue", "former": "amber"}


def _stages() -> list[Option]:
    return [Option(value, label, _STAGE_TONES.get(value, "")) for value, label in LifecycleStage.choices]


ACCOUNT: RecordType = RecordType(
    key="account",
    slug="accounts",
    model=Account,
    label=_("account"),
    label_plural=_("accounts"),
    icon="building-2",
    shortcut="a",
    title="name",
    order="name",
    owner="owner",
    team="team",
    fields=[
        Text(
            name="name",
            label=_("Name"),
            required=True,
            search=True,
            sort="name_key",
            aliases=(
                "account",
                "account name",
                "company",
                "company name",
                "customer",
                "客户",
                "客户名称",
                "公司",
                "公司名称",
            ),
        ),
        Text(
            name="number",
            label=_("Number"),
            search=True,
            max_length=40,
            icon="hash",
            in_use=when_numbered("account"),
            help=_("Given on saving where it is left empty."),
            aliases=("account number", "customer number", "客户编号"),
        ),
        Choice(
            name="stage",
            label=_("Lifecycle stage"),
            options=_stages,
            aliases=("status", "type", "lifecycle", "生命周期", "状态"),
        ),
        picklist_choice("tier", _("Tier"), "level", "rating", "class", "等级", "级别"),
        picklist_choice("trade", _("Trade"), "sector", "industry", "branch", "行业"),
        picklist_choice("region", _("Region"), "territory", "area", "office location", "地区", "区域"),
        picklist_choice("source", _("Source"), "lead source", "origin", "来源"),
        Person(
            name="owner",
            label=_("Owner"),
            aliases=("account owner", "sales rep", "负责人", "业务员"),
            icon="user",
        ),
        Group(name="team", label=_("Team"), aliases=("团队", "部门")),
        Link(
            name="parent",
            label=_("Parent account"),
            target=lambda: ACCOUNT,
            aliases=("subsidiary of", "parent", "parent company", "上级客户", "母公司"),
        ),
        Phone(
            name="phone", label=_("Phone"), search=True, icon="phone", aliases=("telephone", "tel", "电话")
        ),
        Mail(
            name="mail",
            label=_("Mail"),
            search=True,
            icon="mail",
            aliases=("email", "e-mail", "邮箱", "电子邮件"),
        ),
        Web(
            name="website",
            label=_("Website"),
            search=True,
            icon="globe",
            aliases=("web", "url", "site", "网址", "网站"),
        ),
        Text(
            name="street",
            label=_("Street"),
            icon="map-pin",
            aliases=("address", "street address", "地址", "街道"),
        ),
        Text(name="city", label=_("City"), search=True, max_length=120, aliases=("town", "城市")),
        Text(
            name="postcode",
            label=_("Postcode"),
            max_length=20,
            aliases=("zip", "zip code", "postal code", "邮编"),
        ),
        Text(name="country", label=_("Country"), max_length=80, aliases=("国家",)),
        Number(
            name="employees",
            label=_("Employees"),
            icon="users",
            minimum=Decimal(0),
            maximum=Decimal(10_000_000),
            aliases=("headcount", "staff", "员工人数", "人数"),
        ),
        Money(
            name="annual_revenue",
            label=_("Annual revenue"),
            icon="banknote",
            aliases=("revenue", "turnover", "年收入", "营业额"),
        ),
        Number(
            name="founded_year",
            label=_("Founded"),
            grouped=False,
            minimum=Decimal(1000),
            maximum=Decimal(2200),
            aliases=("year established", "founded", "year founded", "成立年份"),
        ),
        Text(
            name="tax_id",
            label=_("Tax id"),
            max_length=40,
            icon="hash",
            aliases=("vat", "vat number", "税号"),
        ),
        LongText(
            name="description",
            label=_("Description"),
            width="wide",
            aliases=("notes", "comment", "备注", "描述"),
        ),
        Moment(
            name="last_activity_at",
            label=_("Last activity"),
            read_only=True,
            importable=False,
            sort="last_activity_at",
        ),
        Moment(name="updated_at", label=_("Changed"), read_only=True, importable=False, sort="updated_at"),
    ],
    columns=["name", "stage", "tier", "trade", "region", "owner", "last_activity_at"],
    layout=[
        Section(
            _("Details"),
            ("name", "number", "stage", "tier", "trade", "region", "source", "owner", "team", "parent"),
        ),
        Section(_("Reach"), ("phone", "mail", "website", "street", "city", "postcode", "country")),
        Section(_("Company"), ("employees", "annual_revenue", "founded_year", "tax_id", "description")),
    ],
    subtitle=["trade", "city"],
    facts=["stage", "tier", "annual_revenue", "last_activity_at"],
    duplicate_key=["number", "name_key"],
    presets=[
        Preset(_("My accounts"), "f=owner.me."),
        Preset(_("Customers"), "f=stage.any.customer"),
        Preset(_("Quiet for 30 days"), "f=last_activity_at.period.over_30_days_ago"),
    ],
    visible=visible_accounts,
    check=check_account,
)


CONTACT = RecordType(
    key="contact",
    slug="contacts",
    model=Contact,
    label=_("contact"),
    label_plural=_("contacts"),
    icon="users",
    shortcut="n",
    title="name",
    order="name",
    owner="owner",
    team="team",
    fields=[
        Text(
            name="name",
            label=pgettext_lazy("of a person", "Name"),
            required=True,
            search=True,
            sort="name_key",
            person_name=True,
            aliases=("contact", "contact name", "full name", "person", "姓名", "联系人"),
        ),
        Link(
            name="account",
            label=_("Account"),
            target=lambda: ACCOUNT,
            icon="building-2",
            search=True,
            aliases=(
                "company",
                "company name",
                "account name",
                "organisation",
                "organization",
                "客户",
                "公司",
            ),
        ),
        Text(
            name="job_title",
            label=_("Job title"),
            max_length=120,
            aliases=("title", "position", "职位", "职务"),
        ),
        Choice(
            name="role",
            label=_("Role"),
            options=lambda: [
                Option(value, label, "violet" if value == "decides" else "")
                for value, label in Influence.choices
            ],
            aliases=("influence", "角色"),
        ),
        Mail(
            name="mail",
            label=_("Mail"),
            search=True,
            icon="mail",
            aliases=("email", "e-mail", "email address", "邮箱", "电子邮件"),
        ),
        Phone(
            name="phone",
            label=_("Phone"),
            search=True,
            icon="phone",
            aliases=("telephone", "tel", "work phone", "电话"),
        ),
        Phone(
            name="mobile",
            label=_("Mobile"),
            search=True,
            icon="phone",
            aliases=("mobile phone", "cell", "手机"),
        ),
        Text(
            name="messenger",
            label=_("Messenger"),
            max_length=80,
            icon="message-square",
            aliases=("wechat", "whatsapp", "微信", "qq"),
        ),
        Date(
            name="birthday",
            label=_("Birthday"),
            icon="calendar",
            aliases=("date of birth", "birth date", "生日", "出生日期"),
        ),
        Choice(
            name="preferred_channel",
            label=_("Preferred channel"),
            options=lambda: [Option(value, label) for value, label in Channel.choices],
        ),
        YesNo(
            name="do_not_contact", label=_("Do not contact"), aliases=("do not email", "opt out", "请勿联系")
        ),
        Text(name="city", label=_("City"), max_length=120, aliases=("town", "城市")),
        Person(name="owner", label=_("Owner"), icon="user", aliases=("contact owner", "sales rep", "负责人")),
        Group(name="team", label=_("Team"), aliases=("团队",)),
        LongText(name="description", label=_("Description"), width="wide", aliases=("notes", "备注")),
        Moment(
            name="last_activity_at",
            label=_("Last activity"),
            read_only=True,
            importable=False,
            sort="last_activity_at",
        ),
        Moment(name="updated_at", label=_("Changed"), read_only=True, importable=False, sort="updated_at"),
    ],
    columns=["name", "account", "job_title", "role", "mail", "phone", "owner", "last_activity_at"],
    layout=[
        Section(_("Details"), ("name", "account", "job_title", "role", "owner", "team")),
        Section(
            _("Reach"),
            ("mail", "phone", "mobile", "messenger", "preferred_channel", "do_not_contact", "city"),
        ),
        Section(_("Person"), ("birthday", "description")),
    ],
    subtitle=["job_title", "account"],
    facts=["role", "birthday", "preferred_channel", "last_activity_at"],
    duplicate_key=["mail", "name_key+account_id"],
    presets=[Preset(_("My contacts"), "f=owner.me."), Preset(_("Who decides"), "f=role.any.decides")],
    visible=visible_contacts,
)
