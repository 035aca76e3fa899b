"""Which words the sample firm has."""

from crm.samples.rules import chinese, english
from crm.samples.rules.firm import CHINESE, ENGLISH, Firm


def firm_of(trade: str, language: str) -> Firm:
    """The firm whose words fit the trade ('' for the general one) and the workspace's language."""
    if language.startswith("zh"):
        return chinese.BY_TRADE.get(trade, CHINESE)
    return english.BY_TRADE.get(trade, ENGLISH)
