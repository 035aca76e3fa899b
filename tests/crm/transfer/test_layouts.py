"""Tables that do not begin in the first row of the first sheet, and lines that are quoted as a whole."""

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
import xlsxwriter

from crm.accounts.models import Account, Contact
from crm.opportunities.models import Opportunity
from crm.transfer.models import ImportState
from crm.transfer.services import files, jobs
from crm.transfer.services.files import BadFile
from tests.importing import SALES

pytestmark = pytest.mark.django_db
LEADS = SALES.parent / "lead_scoring" / "lead_scoring.csv"


def _workbook(*sheets: tuple[str, list[list[object]]], hidden: str = "") -> bytes:
    body = io.BytesIO()
    book = xlsxwriter.Workbook(body, {"in_memory": True})
    for name, rows in sheets:
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        if name == hidden:
            sheet.hide()
    book.close()
    return body.getvalue()


def _firms(count: int, name: str = "Firm") -> list[list[object]]:
    return [["Name", "City"], *([f"{name} {number}", "Leeds"] for number in range(count))]


def test_of_several_sheets_the_one_with_most_rows_is_read_and_another_can_be_chosen(importer):
    content = _workbook(("Cover", [["Hello"]]), ("Firms", _firms(5)), ("Old firms", _firms(3, "Old")))
    job = importer.upload("account", content, "book.xlsx")
    assert job.facts["sheets"] == [[1, "Firms", 6], [0, "Cover", 1], [2, "Old firms", 4]]
    assert job.total == 5
    jobs.change_layout(job, changes={"sheet": 2}, by=importer.by)
    job = importer.read(job)
    assert (job.facts["sheets"][0][1], job.total) == ("Old firms", 3)
    importer.run(importer.check(job))
    assert set(Account.objects.values_list("name", flat=True)) == {"Old 0", "Old 1", "Old 2"}


def test_a_hidden_sheet_is_not_read(importer):
    content = _workbook(("Firms", _firms(2)), ("Lists", _firms(9)), hidden="Lists")
    assert importer.upload("account", content, "book.xlsx").total == 2


def test_the_page_names_the_sheets_and_takes_the_choice(importer, workspace, client_of):
    content = _workbook(("Firms", _firms(5)), ("Old firms", _firms(3, "Old")))
    job = importer.upload("account", content, "book.xlsx")
    owner = client_of(workspace, workspace.owner)
    page = owner.get(f"/import/{job.pk}/").content.decode()
    assert "2 sheets with rows" in page
    assert "Old firms (4)" in page
    assert owner.post(f"/import/{job.pk}/layout/", {"sheet": "1"}).status_code == 302
    assert importer.read(job).total == 3
    assert owner.post(f"/import/{job.pk}/layout/", {"sheet": "7"}).status_code == 404


TITLED = (
    "客户列表\n\n导出时间：2024年3月5日\n"
    + "客户名称,城市,电话\n宁波海曙口腔医院,宁波,0574-1\n杭州西湖茶业,杭州,0571-2\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_headings_below_a_title_are_found(encoding, importer):
    job = importer.upload("account", TITLED.encode(encoding))
    assert (job.facts["heading_row"], job.facts["headings"], job.total) == (
        4,
        ["客户名称", "城市", "电话"],
        2,
    )
    importer.run(importer.check(job))
    assert set(Account.objects.values_list("city", flat=True)) == {"宁波", "杭州"}


def test_headings_below_a_merged_title_of_a_sheet_are_found(importer):
    rows = [["Customers of the north"], [], ["Printed", "2024-03-05"], [], ["Name", "City", "Phone"]]
    rows += [["Acme", "Leeds", "0113 1"], ["Bolt", "York", "01904 2"]]
    job = importer.upload("account", _workbook(("Firms", rows)), "book.xlsx")
    assert (job.facts["heading_row"], job.facts["headings"]) == (5, ["Name", "City", "Phone"])


def test_another_row_of_headings_can_be_chosen_or_none(importer, workspace, client_of):
    job = importer.upload("account", "Acme,Leeds\nBolt,York\nCore,Hull\n")
    owner = client_of(workspace, workspace.owner)
    owner.post(f"/import/{job.pk}/layout/", {"heading_row": "0"})
    job.refresh_from_db()
    assert (job.facts["headings"], job.total) == (["Column 1", "Column 2"], 3)
    importer.map(job, {"Column 1": "name", "Column 2": "city"})
    importer.run(importer.check(job))
    assert Account.objects.count() == 3


def test_a_layout_that_cannot_be_read_is_said_and_changes_nothing(importer, workspace, client_of):
    job = importer.upload("account", "name,city\nsame,same\n")
    owner = client_of(workspace, workspace.owner)
    answer = owner.post(f"/import/{job.pk}/layout/", {"heading_row": "2"})
    assert (answer.status_code, b"Two columns are called" in answer.content) == (422, True)
    job.refresh_from_db()
    assert (job.facts["heading_row"], job.layout, jobs.path_of(job).exists()) == (1, {}, True)


def _quoted(row: list[str]) -> str:
    """A line as some tool quotes it twice."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(row)
    return '"' + line.getvalue().replace('"', '""') + '"'


def _half_quoted() -> str:
    rows = [["Acme, Inc.", "Leeds", "0113 1"], ['Bolt "B" Ltd', "York", "01904 2"], ["Core", "Hull", ""]]
    plain = "Delta,Bath,01225 3\n"
    return "name,city,phone\n" + plain + "".join(f"{_quoted(row)}\n" for row in rows)


def test_lines_quoted_as_a_whole_are_shown_and_repaired(importer, workspace, client_of):
    job = importer.upload("account", _half_quoted())
    assert (job.facts["quoted_lines"], job.total) == (3, 4)
    assert job.facts["quoted_sample"] == ['"Acme, Inc.",Leeds,0113 1', ["Acme, Inc.", "Leeds", "0113 1"]]
    assert importer.check(job).findings["counts"] == {"new": 1, "error": 3}
    owner = client_of(workspace, workspace.owner)
    assert "Repair these lines" in owner.get(f"/import/{job.pk}/").content.decode()
    owner.post(f"/import/{job.pk}/layout/", {"unquote": "yes"})
    job.refresh_from_db()
    assert "They are repaired" in owner.get(f"/import/{job.pk}/").content.decode()
    importer.run(importer.check(job))
    assert set(Account.objects.values_list("name", flat=True)) == {
        "Acme, Inc.",
        'Bolt "B" Ltd',
        "Core",
        "Delta",
    }


def test_a_file_whose_headings_are_quoted_too_is_repaired(importer):
    rows = [["name", "city", "phone"], ["Acme, Inc.", "Leeds", "0113 1"], ["Bolt", "York", "01904 2"]]
    job = importer.upload("account", "".join(f"{_quoted(row)}\n" for row in rows))
    assert job.facts["quoted_lines"] == 2
    jobs.change_layout(job, changes={"unquote": True}, by=importer.by)
    assert job.facts["headings"] == ["name", "city", "phone"]
    importer.run(importer.check(job))
    assert set(Account.objects.values_list("name", "city")) == {("Acme, Inc.", "Leeds"), ("Bolt", "York")}


@pytest.mark.skipif(not LEADS.exists(), reason="lead_scoring does not lie beside the checkout")
def test_the_leads_of_a_real_file_are_repaired_and_come_in(importer):
    job = importer.upload("account", LEADS.read_bytes(), "lead_scoring.csv")
    if job.state == ImportState.READING:
        jobs.read_file(job)
        job.save()
    assert (job.total, job.facts["quoted_lines"]) == (9240, 338)
    job.layout = {"unquote": True}
    jobs.read_file(job)
    job.save()
    importer.map(job, {"Lead Number": "name", "Lead Source": "source", "City": "city", "Country": "country"})
    job = importer.run(importer.check(job))
    assert job.findings["counts"] == {"new": 9240}
    assert Account.objects.count() == 9240
    # 2,868 say Google, five say google: one choice.
    assert Account.objects.filter(source__label="Google").count() == 2873
    assert importer.undo(job).undo_report["counts"]["deleted"] == 9240


def _strange_sheet() -> bytes:
    body = io.BytesIO()
    book = xlsxwriter.Workbook(body, {"in_memory": True})
    sheet = book.add_worksheet("Deals")
    share = book.add_format({"num_format": "0%"})
    day = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    sheet.write_row(0, 0, ["Opportunity", "Opened", "Value", "Probability", "Reference", "Notes"])
    sheet.write_row(1, 0, ["First", 45356, "1,200.50", 0.25, "007", ""])
    sheet.write_row(2, 0, ["Second", "", 0.1 + 0.2, "", "008", ""])
    sheet.write_number(2, 1, 45356.4375, day)
    sheet.write_number(2, 3, 0.5, share)
    sheet.write_formula(2, 5, "=NA()", None, "#N/A")
    sheet.set_row(2, None, None, {"hidden": True})
    book.close()
    return body.getvalue()


def test_serial_days_text_numbers_shares_errors_and_hidden_rows(importer):
    job = importer.whole("opportunity", _strange_sheet(), "deals.xlsx")
    assert job.findings["counts"] == {"new": 2}, job.findings["bad"]
    first, second = Opportunity.objects.order_by("name")
    assert (first.opened_on, first.amount, first.probability_percent, first.reference) == (
        dt.date(2024, 3, 5), Decimal("1200.50"), 25, "007",
    )  # fmt: skip
    assert (second.opened_on, second.amount, second.probability_percent, second.description) == (
        dt.date(2024, 3, 5), Decimal("0.30"), 50, "",
    )  # fmt: skip


def test_what_is_merged_over_rows_holds_for_each_of_them(importer):
    body = io.BytesIO()
    book = xlsxwriter.Workbook(body, {"in_memory": True})
    sheet = book.add_worksheet("People")
    sheet.merge_range(0, 0, 0, 2, "Our contacts")
    sheet.write_row(1, 0, ["City", "Name", "Email"])
    sheet.merge_range(2, 0, 3, 0, "Leeds")
    sheet.write_row(2, 1, ["Ada", "ada@x.example"])
    sheet.write_row(3, 1, ["Bo", "bo@x.example"])
    book.close()
    importer.whole("contact", body.getvalue(), "people.xlsx")
    assert set(Contact.objects.values_list("name", "city")) == {("Ada", "Leeds"), ("Bo", "Leeds")}


def test_one_column_may_hold_commas(importer):
    job = importer.whole("account", "Company\nAcme\nBolt, Ltd\nCore\nDelta\n")
    assert (job.facts["headings"], job.findings["counts"]) == (["Company"], {"new": 4})
    assert Account.objects.filter(name="Bolt, Ltd").exists()


def test_empty_columns_behind_the_table_do_no_harm(importer):
    job = importer.whole("account", "name,city,,,\nAcme,Leeds,,,\nBolt,York,,,\n")
    assert (job.facts["headings"], job.findings["counts"]) == (["name", "city"], {"new": 2})


def test_headings_are_known_in_any_case_with_accents_and_marks(importer):
    job = importer.upload("account", " ACCOUNT_NAME* ,Téléphone,  e-mail \nAcme,0113 1,a@x.example\n")
    assert job.mapping["0"] == "name"
    assert job.mapping["2"] == "mail"


def test_too_many_rows_are_refused_with_the_limit(importer, monkeypatch):
    monkeypatch.setattr(files, "MOST_ROWS", 100)
    with pytest.raises(BadFile, match="more than 100 rows"):
        importer.upload("account", "name\n" + "Acme\n" * 101)


def test_values_that_cannot_be_read_may_stay_empty(importer):
    job = importer.upload("account", "name,employees\nAcme,51-200\nBolt,12\n")
    importer.map(job, {"name": "name", "employees": "employees"}, leave_unreadable=True)
    job = importer.run(importer.check(job))
    assert job.findings["counts"] == {"new": 2}
    assert job.findings["notices"] == [["employees", "unreadable", 1, "51-200"]]
    assert set(Account.objects.values_list("name", "employees")) == {("Acme", None), ("Bolt", 12)}


def test_digits_that_a_spreadsheet_dropped_are_not_made_up(importer):
    job = importer.check(importer.upload("account", "name,phone\nAcme,8.61381E+12\nBolt,1.3812345678E+10\n"))
    assert ["digits are lost" in reason for _row, reason, _cells in job.findings["bad"]] == [True]
    importer.run(job)
    assert Account.objects.get(name="Bolt").phone == "13812345678"


def test_several_owners_in_a_cell_make_no_person_of_both_names(importer, workspace):
    job = importer.whole(
        "account", f'name,owner\nAcme,{workspace.owner.name}; Bo Berg\nBolt,"Owner, Olive"\n'
    )
    assert set(Account.objects.values_list("owner", flat=True)) == {workspace.owner.pk}
    assert job.findings["notices"][0][:3] == ["owner", "several", 1]
