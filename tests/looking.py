"""What a look at a page in the browser finds: accessibility and overflow."""

from pathlib import Path
from typing import Any

AXE = Path(__file__).resolve().parents[1] / "platform/web/assets/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Any) -> list[str]:
    """What axe finds on the page as it stands: rule and element."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return _found(page, RULES)


def pale_text(page: Any) -> list[str]:
    """What axe finds about colours alone, on a page that `violations` has looked at."""
    # Colours that are on their way from one scheme to the other are neither's.
    page.evaluate(
        """async () => {
            for (let still = 0; still < 3; still += 1) {
                await new Promise(requestAnimationFrame);
                const moving = document.getAnimations();
                if (moving.length) still = 0;
                await Promise.allSettled(moving.map((each) => each.finished));
            }
        }"""
    )
    return _found(page, {"type": "rule", "values": ["color-contrast"]})


def _found(page: Any, only: Any) -> list[str]:
    found = page.evaluate("(only) => axe.run(document, {runOnly: only})", only)
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
