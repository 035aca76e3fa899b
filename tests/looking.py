"""What a look at a page in the browser finds: accessibility and overflow."""

from pathlib import Path
from typing import Any

AXE = Path(__file__).resolve().parents[1] / "platform/web/assets/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Any) -> list[str]:
    """What axe finds on the page as it stands: rule and element."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("(rules) => axe.run(document, {runOnly: rules})", RULES)
    return [f"{each['id']}: {node['html'][:160]}" for each in found["violations"] for node in each["nodes"]]


def overflow(page: Any) -> int:
    """By how many pixels the page is wider than its window; 0 or less when it is not."""
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


def widened_list(page: Any) -> int:
    """By how many pixels the widest table is wider than the place it may scroll in."""
    places = (
        "[...document.querySelectorAll('.tbl-w, .tbl')].map((each) => each.closest('.tbl-w, .card, main'))"
    )
    return page.evaluate(f"Math.max(0, ...{places}.map((place) => place.scrollWidth - place.clientWidth))")
