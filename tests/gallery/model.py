"""The offline analyst, and one report whose last step takes so long that it can be looked at half way."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from playground.analyst.analyst import OfflineAnalyst
from playground.analyst.files import known_files
from playground.analyst.profile import last_json
from playground.ports import ModelRequest, RunCode

REPORT = "write a report on the year for the board"

READ = """\
# Read the orders
import json
import time
import pandas as pd

orders = pd.read_csv({path!r})
orders['quarter'] = pd.to_datetime(orders['order_date'], errors='coerce').dt.quarter
print(json.dumps({{'orders': len(orders), 'columns': list(orders.columns)}}))
"""
SUM = """\
# Revenue by quarter
table = orders.groupby('quarter')['revenue'].agg(['sum', 'count', 'mean']).round(0).astype(int)
print(json.dumps({'rows': table.reset_index().values.tolist()}))
"""
SIMULATE = "# Simulate next year a million times\ntime.sleep(100)"


class GalleryModel(OfflineAnalyst):
    """Answers as the offline analyst does, but for ``REPORT``."""

    async def answer(self, request: ModelRequest, run_code: RunCode) -> AsyncIterator[str]:
        """See ``Model``."""
        if REPORT not in request.user_parts[-1]:
            async for piece in super().answer(request, run_code):
                yield piece
            return
        path = known_files(request.user_parts[:-1], ())[0].path
        read = last_json((await run_code(READ.format(path=path))).logs)
        summed = last_json((await run_code(SUM)).logs)
        assert read is not None, json.dumps(summed)
        assert summed is not None
        rows = summed["rows"]
        best, least = max(rows, key=lambda row: row[1]), min(rows, key=lambda row: row[1])
        yield f"## The year in four quarters\n\n{read['orders']:,} orders are in the file. "
        yield f"**Quarter {best[0]} was the best** with a revenue of {best[1]:,}, "
        yield f"quarter {least[0]} the weakest with {least[1]:,}.\n\n"
        for quarter, revenue, count, mean in rows:
            yield f"{quarter}. **Quarter {quarter}:** {count:,} orders of {mean:,} each, together {revenue:,}.\n"
        yield "\n| Quarter | Orders | Revenue | Per order |\n|---|---:|---:|---:|\n"
        for quarter, revenue, count, mean in rows:
            yield f"| Q{quarter} | {count:,} | {revenue:,} | {mean:,} |\n"
        yield "\n## What next year may bring\n\nI draw next year's orders from this year's a million times, "
        yield "to see how much of the difference between the quarters is chance.\n\n"
        await run_code(SIMULATE)
