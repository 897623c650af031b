from __future__ import annotations

import pytest

from app.commands.usage import report
from azure_assistant.events import Usage
from conversations.audit.usage import ChannelUsage
from conversations.store.prices import Prices

USAGE = Usage(input_tokens=1_000_000, cached_tokens=400_000, output_tokens=100_000, containers=2)


@pytest.mark.parametrize(
    ("prices", "cost"),
    [
        (Prices(), None),
        (Prices(input=2.0, output=8.0), 2.0 + 0.8),
        (Prices(input=2.0, cached_input=0.5, output=8.0), 1.2 + 0.2 + 0.8),
        (Prices(input=2.0, cached_input=0.5, output=8.0, container=0.03), 1.2 + 0.2 + 0.8 + 0.06),
        (Prices(input=0.0, container=1.0), 2.0),
        (Prices(input=0.0, container=1.0, larger={"4g": 9.0}), 2.0),
    ],
)
def test_cost(prices: Prices, cost: float | None) -> None:
    assert prices.cost(USAGE) == (None if cost is None else pytest.approx(cost))


def test_the_report_is_a_table_with_a_total() -> None:
    rows = [ChannelUsage("2026-11-25", "C1", 3, USAGE), ChannelUsage("2026-11-26", "D2", 1, Usage(500, 0, 20))]
    assert report(rows, Prices(input=2.0, output=8.0, container=0.05, currency="EUR")).splitlines() == [
        "day (UTC)   channel  turns      input   cached  share   output  containers  cost EUR",
        "2026-11-25  C1           3  1,000,000  400,000    40%  100,000           2    2.9000",
        "2026-11-26  D2           1        500        0     0%       20           0    0.0012",
        "total                    4  1,000,500  400,000    40%  100,020           2    2.9012",
        "containers by memory: 2 × 1g at 0.0500",
    ]


def test_larger_sandboxes_cost_as_much_for_each_gigabyte_or_what_is_set() -> None:
    usage = Usage(containers=6, containers_4g=2, containers_16g=1)
    rows = [ChannelUsage("2026-11-25", "C1", 3, usage)]
    prices = Prices(input=2.0, output=8.0, container=0.03, larger={"16g": 0.4})
    assert prices.cost(usage) == pytest.approx(3 * 0.03 + 2 * 0.12 + 0.4)
    assert report(rows, prices).splitlines()[-1] == (
        "containers by memory: 3 × 1g at 0.0300, 2 × 4g at 0.1200, 1 × 16g at 0.4000"
    )
    assert report(rows, Prices()).splitlines()[-2] == "containers by memory: 3 × 1g, 2 × 4g, 1 × 16g"
    assert (usage + usage).sandboxes == {"1g": 6, "4g": 4, "16g": 2, "64g": 0}
