"""People as a record type: listed, found, imported as placeholders; invited on their own pages."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.records.fields import Choice, Group, Mail, Option, Person, Phone, Section, Text, YesNo
from core.records.types import RecordType
from tenants.people.models import Role, User
from tenants.people.placeholders import prepare_placeholders
from tenants.people.selectors import visible_people

PERSON = RecordType(
    key="person",
    counted=False,
    guarded=False,
    slug="people",
    model=User,
    label=_("person"),
    label_plural=_("people"),
    icon="user",
    title="name",
    order="name",
    fields=[
        Text(
            name="name",
            label=pgettext_lazy("of a person", "Name"),
            required=True,
            search=True,
            sort="name_key",
            max_length=120,
            person_name=True,
            aliases=(
                "sales agent",
                "agent",
                "employee",
                "user",
                "full name",
                "rep",
                "姓名",
                "员工",
                "销售代表",
            ),
        ),
        Mail(
            name="email", label=_("Mail"), search=True, read_only=True, aliases=("e-mail", "邮箱", "电子邮件")
        ),
        Text(name="job_title", label=_("Job title"), max_length=120, aliases=("title", "position", "职位")),
        Phone(name="phone", label=_("Phone"), aliases=("telephone", "tel", "电话", "手机")),
        Group(
            name="team", label=_("Team"), aliases=("regional office", "office", "department", "团队", "部门")
        ),
        Person(
            name="manager", label=_("Manager"), aliases=("supervisor", "reports to", "经理", "主管", "上级")
        ),
        Choice(
            name="role",
            label=_("Role"),
            read_only=True,
            importable=False,
            options=lambda: [Option(each.value, each.label) for each in Role if each != Role.SUPPORT],
        ),
        YesNo(name="is_placeholder", label=_("Placeholder"), read_only=True, importable=False),
        YesNo(name="is_active", label=_("Active"), read_only=True, importable=False),
    ],
    columns=["name", "email", "team", "manager", "role", "is_placeholder"],
    layout=[Section(_("Details"), ("name", "job_title", "phone", "team", "manager"))],
    subtitle=["job_title", "team"],
    duplicate_key=["name"],
    visible=visible_people,
    may_change=lambda user, person: user.may_administer or user.pk == person.pk,
    bulk_prepare=prepare_placeholders,
    creatable=False,
    timeline=False,
)
