"""Tables as CSV files that are safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
BYTE_ORDER_MARK = "\ufeff"
"""Without it a well-known spreadsheet misreads UTF-8."""


def as_csv(header: Sequence[str], rows: Iterable[Sequence[object]], *, with_mark: bool = True) -> str:
    """One line a row; text that a spreadsheet would run as a formula gets an apostrophe."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow([_safe(title) for title in header])
    writer.writerows([_safe(value) for value in row] for row in rows)
    return (BYTE_ORDER_MARK if with_mark else "") + stream.getvalue()


def _safe(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
