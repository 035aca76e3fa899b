"""Files as other programs write them: their own headings, marks and habits, with rows of three customers.

Each export: the record type it goes into, its file, and which heading belongs to which field; headings that
are not named belong to none.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from crm.transfer.rules.guessing import FIRST_NAME, LAST_NAME


@dataclass(frozen=True)
class Export:
    """content: as it lies on the disk. expected: heading → target."""

    kind: str
    content: bytes
    expected: dict[str, str]


def table(
    headings: Sequence[str], rows: Sequence[Sequence[str]], delimiter: str = ",", end: str = "\r\n"
) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows([headings, *rows])
    return text.getvalue()


def _export(
    kind: str,
    columns: Sequence[tuple[str, str, Sequence[str]]],
    encoding: str = "utf-8",
    delimiter: str = ",",
    end: str = "\r\n",
) -> Export:
    """columns: (heading, target or '', values of each row)."""
    rows = list(zip(*[values for _heading, _target, values in columns], strict=True))
    content = table([heading for heading, *_rest in columns], rows, delimiter, end).encode(encoding)
    return Export(kind, content, {heading: target for heading, target, _values in columns if target})


HUBSPOT_CONTACTS = _export(
    "contact",
    [
        ("Record ID", "", ["151", "201", "251"]),
        ("First Name", FIRST_NAME, ["Ada", "Bo", "Chen"]),
        ("Last Name", LAST_NAME, ["Lovelace", "Lind", "Wei"]),
        ("Email", "mail", ["ada@acme.example", "bo@bolt.example", "chen@core.example"]),
        ("Phone Number", "phone", ["+44 20 7946 0001", "(555) 010-2000", "0571-8888 0000"]),
        ("Contact owner", "owner", ["", "", ""]),
        ("Associated Company", "account", ["Acme", "Bolt", "Core"]),
        ("Associated Company IDs", "", ["9001", "9002", "9003"]),
        ("Last Activity Date", "", ["2026-03-04 14:30", "", ""]),
        ("Lead Status", "", ["Open", "", "New"]),
        ("Marketing contact status", "", ["Marketing contact", "Non-marketing contact", ""]),
        ("Create Date", "", ["2026-01-04 09:12", "2026-01-05 10:00", "2026-01-06 11:30"]),
        ("Job Title", "job_title", ["Analyst", "Buyer", "CEO"]),
        ("Mobile Phone Number", "mobile", ["07700 900001", "", "13800138000"]),
    ],
)
HUBSPOT_COMPANIES = _export(
    "account",
    [
        ("Record ID", "", ["9001", "9002", "9003"]),
        ("Company name", "name", ["Acme", "Bolt", "Core"]),
        ("Company owner", "owner", ["", "", ""]),
        ("Create Date", "", ["2026-01-04 09:12", "2026-01-05 10:00", "2026-01-06 11:30"]),
        ("Phone Number", "phone", ["+44 20 7946 0001", "(555) 010-2000", ""]),
        ("City", "city", ["Leeds", "York", "Hull"]),
        ("Country/Region", "country", ["United Kingdom", "United Kingdom", ""]),
        ("Industry", "trade", ["Retail", "Logistics", ""]),
        ("Company Domain Name", "website", ["acme.example", "bolt.example", "core.example"]),
        ("Number of Employees", "employees", ["120", "1,400", "10000+"]),
        ("Annual Revenue", "annual_revenue", ["1200000", "", "5500000.50"]),
        ("Postal Code", "postcode", ["LS1 1AA", "01904", ""]),
        ("Street Address", "street", ["1 High Street", "", ""]),
    ],
)
HUBSPOT_DEALS = _export(
    "opportunity",
    [
        ("Record ID", "reference", ["77", "78", "79"]),
        ("Deal Name", "name", ["Fit-out", "Refit", "Lease"]),
        ("Deal Stage", "stage", ["", "", ""]),
        ("Close Date", "closed_on", ["2026-05-04 14:30", "2026-06-04 14:30", ""]),
        ("Deal owner", "owner", ["", "", ""]),
        ("Amount", "amount", ["1200.50", "800", ""]),
        ("Deal probability", "probability_percent", ["0.2", "0.9", "1.0"]),
        ("Create Date", "opened_on", ["2026-01-04 09:12", "2026-01-05 10:00", "2026-01-06 11:30"]),
        ("Associated Company", "account", ["", "", ""]),
        ("Closed Lost Reason", "lost_reason", ["", "", ""]),
    ],
)
PIPEDRIVE_PEOPLE = _export(
    "contact",
    [
        ("Person - Name", "name", ["Ada Lovelace", "Bo Lind", "陈伟"]),
        ("Person - Organization", "account", ["Acme", "Bolt", ""]),
        ("Person - Email - Work", "mail", ["ada@acme.example", "bo@bolt.example, b.lind@bolt.example", ""]),
        ("Person - Phone - Work", "phone", ["+44 20 7946 0001", "", ""]),
        ("Person - Phone - Mobile", "mobile", ["07700 900001", "", ""]),
        ("Person - Owner", "owner", ["", "", ""]),
        ("Person - Open deals", "", ["2", "0", "1"]),
    ],
)
PIPEDRIVE_DEALS = _export(
    "opportunity",
    [
        ("Deal - Title", "name", ["Fit-out", "Refit", "Lease"]),
        ("Deal - Value", "amount", ["1200.50", "800", "0"]),
        ("Deal - Currency of Value", "", ["GBP", "GBP", "GBP"]),
        ("Deal - Organization", "account", ["", "", ""]),
        ("Deal - Contact person", "contact", ["", "", ""]),
        ("Deal - Stage", "stage", ["", "", ""]),
        ("Deal - Expected close date", "expected_on", ["2026-05-04", "2026-06-04", ""]),
        ("Deal - Won time", "closed_on", ["", "", ""]),
        ("Deal - Lost reason", "lost_reason", ["", "", ""]),
        ("Deal - Owner", "owner", ["", "", ""]),
        ("Deal - Deal created", "opened_on", ["2026-01-04 09:12:11", "2026-01-05 10:00:00", ""]),
    ],
)
SALESFORCE_ACCOUNTS = _export(
    "account",
    [
        ("Account Name", "name", ["Acme", "Bolt", "Core"]),
        ("Account Owner", "owner", ["", "", ""]),
        ("Billing Street", "street", ["1 High Street\nFloor 2", "", ""]),
        ("Billing City", "city", ["Leeds", "York", "Hull"]),
        ("Billing Zip/Postal Code", "postcode", ["LS1 1AA", "", ""]),
        ("Billing Country", "country", ["UK", "UK", "UK"]),
        ("Phone", "phone", ["(555) 010-1000", "", ""]),
        ("Fax", "", ["(555) 010-1001", "", ""]),
        ("Website", "website", ["www.acme.example", "", ""]),
        ("Industry", "trade", ["Retail", "", ""]),
        ("Annual Revenue", "annual_revenue", ["USD 1,200,000.00", "", "USD 5,500.00"]),
        ("Employees", "employees", ["120", "", "10"]),
        ("Rating", "tier", ["Hot", "", "Cold"]),
        ("Account Source", "source", ["Web", "", ""]),
        ("Parent Account", "parent", ["", "Acme", ""]),
        ("Last Modified Date", "", ["3/5/2026", "3/25/2026", ""]),
    ],
)
SALESFORCE_LOADER = _export(
    "account",
    [
        ("Id", "", ["0015000000Gv7qJ", "0015000000Gv7qK", "0015000000Gv7qL"]),
        ("Name", "name", ["Acme", "Bolt", "Core"]),
        ("BillingCity", "city", ["Leeds", "York", "Hull"]),
        ("NumberOfEmployees", "employees", ["120", "", "10"]),
        ("AnnualRevenue", "annual_revenue", ["1200000.0", "", "5500.0"]),
        ("OwnerId", "", ["00550000001", "00550000001", ""]),
    ],
)
SALESFORCE_OPPORTUNITIES = _export(
    "opportunity",
    [
        ("Opportunity Name", "name", ["Fit-out", "Refit", "Lease"]),
        ("Account Name", "account", ["", "", ""]),
        ("Stage", "stage", ["", "", ""]),
        ("Amount", "amount", ["$1,200.50", "$800.00", ""]),
        ("Probability (%)", "probability_percent", ["20", "90", "100"]),
        ("Close Date", "closed_on", ["3/5/2026", "3/25/2026", ""]),
        ("Created Date", "opened_on", ["1/5/2026, 2:30 PM", "1/25/2026, 9:05 AM", ""]),
        ("Opportunity Owner", "owner", ["", "", ""]),
        ("Owner Role", "", ["Sales", "Sales", ""]),
        ("Lead Source", "source", ["Web", "", ""]),
    ],
)
OUTLOOK_CONTACTS = _export(
    "contact",
    [
        ("First Name", FIRST_NAME, ["Ada", "Bo", "Chen"]),
        ("Middle Name", "", ["K.", "", ""]),
        ("Last Name", LAST_NAME, ["Lovelace", "Lind", "Wei"]),
        ("Suffix", "", ["", "Jr.", ""]),
        ("Company", "account", ["Acme", "Bolt", "Core"]),
        ("Department", "", ["Sales", "", ""]),
        ("Job Title", "job_title", ["Analyst", "Buyer", "CEO"]),
        ("Business Phone", "phone", ["+44 20 7946 0001", "", ""]),
        ("Mobile Phone", "mobile", ["07700 900001", "", "13800138000"]),
        ("E-mail Address", "mail", ["'ada@acme.example'", "bo@bolt.example", "chen@core.example"]),
        ("E-mail Type", "", ["SMTP", "SMTP", "EX"]),
        ("E-mail Display Name", "", ["Ada Lovelace (ada@acme.example)", "", ""]),
        ("Birthday", "birthday", ["0/0/00", "3/25/1985", "0/0/00"]),
        ("Notes", "description", ["met at the fair", "", ""]),
    ],
    encoding="cp1252",
)
GOOGLE_CONTACTS = _export(
    "contact",
    [
        ("First Name", FIRST_NAME, ["Ada", "Bo", "Chen"]),
        ("Middle Name", "", ["", "", ""]),
        ("Last Name", LAST_NAME, ["Lovelace", "Lind", "Wei"]),
        ("Nickname", "", ["", "", ""]),
        ("Organization Name", "account", ["Acme", "Bolt", "Core"]),
        ("Organization Title", "job_title", ["Analyst", "Buyer", "CEO"]),
        ("Birthday", "birthday", ["1985-03-05", "--03-05", ""]),
        ("Labels", "", ["* myContacts", "* myContacts", ""]),
        ("E-mail 1 - Label", "", ["* Work", "* ", ""]),
        ("E-mail 1 - Value", "mail", ["ada@acme.example", "bo@bolt.example ::: b@bolt.example", ""]),
        ("Phone 1 - Label", "", ["Mobile", "Work", ""]),
        ("Phone 1 - Value", "phone", ["+44 20 7946 0001 ::: +44 7700 900001", "", ""]),
        ("Address 1 - City", "city", ["Leeds", "York", ""]),
    ],
)
CHINESE_CUSTOMERS = _export(
    "account",
    [
        ("客户名称", "name", ["宁波海曙口腔医院", "杭州西湖茶业有限公司", "上海浦东设备厂"]),
        ("所属行业", "trade", ["医疗", "食品", ""]),
        ("客户级别", "tier", ["A", "B", ""]),
        ("客户来源", "source", ["展会", "转介绍", ""]),
        ("省份", "region", ["浙江", "浙江", "上海"]),
        ("所在城市", "city", ["宁波", "杭州", "上海"]),
        ("详细地址", "street", ["中山西路1号", "", ""]),
        ("邮政编码", "postcode", ['="315000"', '="310000"', ""]),
        ("联系电话", "phone", ["0574-87654321", "\t057187654321", ""]),
        ("电子邮箱", "mail", ["a@haishu.example", "", ""]),
        ("官网", "website", ["www.haishu.example", "", ""]),
        ("人员规模", "employees", ["200人", "35", ""]),
        ("年营业额（万元）", "annual_revenue", ["1,200.5", "800", ""]),
        ("统一社会信用代码", "tax_id", ["91330203MA2AAAAA1X", "", ""]),
        ("负责人", "owner", ["", "", ""]),
        ("创建时间", "", ["2024年3月5日", "2024/3/6 下午 2:30", ""]),
        ("备注", "description", ["老客户", "", ""]),
    ],
    encoding="gb18030",
)
CHINESE_PEOPLE = _export(
    "contact",
    [
        ("联系人姓名", "name", ["张伟", "李娜", "王芳"]),
        ("所属公司", "account", ["宁波海曙口腔医院", "", ""]),
        ("职务", "job_title", ["院长", "采购", ""]),
        ("手机号码", "mobile", ["13800138000", "1.3800138001E+10", "138 0013 8002"]),
        ("办公电话", "phone", ["0574-87654321", "", ""]),
        ("邮箱地址", "mail", ["张伟 <zhangwei@haishu.example>", "", ""]),
        ("微信号", "messenger", ["zw_1985", "", ""]),
        ("出生日期", "birthday", ["1985年3月5日", "1990-01-02", ""]),
        ("备注", "description", ["", "", ""]),
    ],
    encoding="gb18030",
)
CHINESE_DEALS = _export(
    "opportunity",
    [
        ("商机名称", "name", ["口腔设备采购", "茶叶礼盒", "产线改造"]),
        ("客户名称", "account", ["", "", ""]),
        ("商机阶段", "stage", ["", "", ""]),
        ("预计金额", "amount", ["￥1,234.50", "12.5万", "8000元"]),
        ("赢率", "probability_percent", ["20%", "60%", "90%"]),
        ("预计成交日期", "expected_on", ["2024年3月5日", "2024/3/6", "2024-03-07"]),
        ("创建时间", "opened_on", ["2024年3月5日 14:30", "2024-03-06 09:00:00", "2024年3月7日"]),
        ("负责人姓名", "owner", ["", "", ""]),
        ("商机来源", "source", ["展会", "", ""]),
    ],
    encoding="gb18030",
)
NUMBERS_PRODUCTS = _export(
    "product",
    [
        ("Product Name", "name", ["Chair", "Table", "Lamp"]),
        ("SKU", "code", ["00017", "00018", "00019"]),
        ("Retail Price", "list_price", ["1.234,50 €", "99,90 €", "5,00 €"]),
        ("Category", "series", ["Seating", "", ""]),
    ],
    delimiter=";",
)
MAC_TASKS = _export(
    "task",
    [
        ("Subject", "title", ["Call Ada", "Visit Bo", "Mail Chen"]),
        ("Due Date", "due_on", ["05.03.2026", "06.03.2026", ""]),
        ("Assigned To", "owner", ["", "", ""]),
        ("Comments", "description", ["", "", ""]),
    ],
    encoding="utf-16",
    delimiter="\t",
    end="\r",
)
EXPORTS = {
    name.lower(): value
    for name, value in dict(globals()).items()
    if name.isupper() and isinstance(value, Export)
}
