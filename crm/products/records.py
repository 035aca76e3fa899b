"""Products, declared once."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from core.records.fields import LongText, Moment, Money, Section, Text, YesNo
from core.records.types import Preset, RecordType
from crm.products.models import Product
from crm.products.selectors import visible_products
from crm.workspace.selectors.numbering import when_numbered

PRODUCT = RecordType(
    key="product",
    slug="products",
    model=Product,
    label=_("product"),
    label_plural=_("products"),
    icon="package",
    shortcut="d",
    title="name",
    order="name",
    fields=[
        Text(
            name="name",
            label=_("Name"),
            required=True,
            search=True,
            sort="name_key",
            aliases=("product", "product name", "item", "产品", "产品名称", "品名"),
        ),
        Text(
            name="number",
            label=_("Number"),
            search=True,
            max_length=40,
            icon="hash",
            in_use=when_numbered("product"),
            help=_("Given on saving where it is left empty."),
            aliases=("product number", "系统编号"),
        ),
        Text(
            name="code",
            label=_("Code"),
            search=True,
            max_length=60,
            icon="hash",
            aliases=("sku", "product code", "item number", "编号", "产品编号"),
        ),
        Text(
            name="series",
            label=_("Series"),
            search=True,
            max_length=80,
            icon="tag",
            aliases=("category", "family", "系列", "类别"),
        ),
        Money(
            name="list_price",
            label=_("List price"),
            sort="list_price",
            minimum=Decimal(0),
            icon="banknote",
            aliases=("price", "sales price", "unit price", "价格", "单价", "标价"),
        ),
        Text(name="unit", label=_("Unit"), max_length=20, aliases=("uom", "单位")),
        YesNo(name="active", label=_("On sale"), aliases=("active", "在售")),
        LongText(name="description", label=_("Description"), width="wide", aliases=("notes", "描述", "说明")),
        Moment(name="updated_at", label=_("Changed"), read_only=True, importable=False, sort="updated_at"),
    ],
    columns=["name", "code", "series", "list_price", "unit", "active"],
    layout=[
        Section(
            _("Details"), ("name", "number", "code", "series", "list_price", "unit", "active", "description")
        )
    ],
    subtitle=["code", "series"],
    facts=["list_price", "series", "active"],
    duplicate_key=["number", "code", "name_key"],
    presets=[Preset(_("On sale"), "f=active.is.yes")],
    visible=visible_products,
)
