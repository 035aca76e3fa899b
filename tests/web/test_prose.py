"""Texts that somebody wrote, shown as safe HTML."""

import re

import pytest

from web.prose import prose


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("one\ntwo\r\n\r\nthree", "<p>one<br>two</p>\n<p>three</p>"),
        ("# A\n## B\n### C", "<h2>A</h2>\n<h2>B</h2>\n<h3>C</h3>"),
        ("- a\n* b", "<ul><li>a</li><li>b</li></ul>"),
        ("7. a\n8. b", '<ol start="7"><li>a</li><li>b</li></ol>'),
        ("三、保密\n1、定义", '<p>三、保密</p>\n<ol start="1"><li>定义</li></ol>'),
        ("**bold** *slanted* 2*3 10.5 5 * 6 * 7", "<p><b>bold</b> <em>slanted</em> 2*3 10.5 5 * 6 * 7</p>"),
        (
            "[us](https://a.example/?x=1&y=2)",
            '<p><a href="https://a.example/?x=1&amp;y=2" rel="nofollow">us</a></p>',
        ),
        ("https://a.example", '<p><a href="https://a.example" rel="nofollow">https://a.example</a></p>'),
        ("a@b.example", '<p><a href="mailto:a@b.example" rel="nofollow">a@b.example</a></p>'),
        ("", ""),
    ],
)
def test_what_is_understood(text: str, html: str) -> None:
    assert prose(text) == html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "# <img src=x onerror=alert(1)>",
        "- <svg/onload=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](https://a.example/\"onmouseover=\"alert)",
        "**<b onclick=x>**",
        "[<iframe>](https://a.example)",
        "https://a.example/\"><script>",
    ],
)  # fmt: skip
def test_html_is_shown_and_not_obeyed(text: str) -> None:
    html = prose(text)
    assert ("&lt;" in html) is ("<" in text)
    for tag in ("<script", "<img", "<svg", "<iframe", "<b onclick", 'href="javascript'):
        assert tag not in html
    assert not re.search(r'<[^>]*"onmouseover="', html)
