"""A plain PDF of an invoice, written by hand: one page, a font that readers bring along and that has Chinese.

Source: PDF 32000-1:2008, 9.7.5.2 (predefined CMaps) and 7.5 (file structure).
"""

from typing import Any

from billing.devstripe.words import LABEL, LABEL_IN_CHINESE

_TOP, _LEFT, _STEP, _MOST_ROWS = 790, 50, 18, 38


def invoice_pdf(invoice: dict[str, Any]) -> bytes:
    """invoice: with `rows`, `due`, `total_shown`, `day`, as the pages show it."""
    return _page(
        [
            LABEL,
            LABEL_IN_CHINESE,
            f"Invoice {invoice['number'] or invoice['id']}",
            f"{invoice['day']}   {invoice['customer_name'] or ''}",
            "",
            *(f"{row['amount']:>16}   {row['text']}" for row in invoice["rows"][:_MOST_ROWS]),
            "",
            f"Tax: {invoice['tax_shown']}",
            f"Total: {invoice['total_shown']}",
            f"Due: {invoice['due']}",
        ]
    )


def credit_note_pdf(note: dict[str, Any], invoice: dict[str, Any], *, amount: str, day: str) -> bytes:
    """amount, day: as people read them."""
    return _page(
        [
            LABEL,
            LABEL_IN_CHINESE,
            f"Credit note {note['number']}",
            f"{day}   {invoice['customer_name'] or ''}",
            f"Invoice {invoice['number']}",
            "",
            f"{amount:>16}   {note['memo'] or 'Credit'}",
        ]
    )


def _page(lines: list[str]) -> bytes:
    text = "".join(
        f"BT /F1 11 Tf {_LEFT} {_TOP - number * _STEP} Td <{line.encode('utf-16-be').hex()}> Tj ET\n"
        for number, line in enumerate(lines)
        if line
    )
    return _file(
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R"
            " /Resources << /Font << /F1 4 0 R >> >> >>",
            "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UTF16-H"
            " /DescendantFonts [6 0 R] >>",
            f"<< /Length {len(text)} >>\nstream\n{text}endstream",
            "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light"
            " /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> /DW 1000"
            " /W [1 95 500] /FontDescriptor 7 0 R >>",
            "<< /Type /FontDescriptor /FontName /STSong-Light /Flags 4 /FontBBox [-25 -254 1000 880]"
            " /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
        ]
    )


def _file(objects: list[str]) -> bytes:
    body = b"%PDF-1.5\n"
    offsets = []
    for number, each in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{each}\nendobj\n".encode("latin-1")
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    end = len(body)
    size = len(objects) + 1
    trailer = f"trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{end}\n%%EOF\n"
    return body + f"xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}".encode("latin-1")
