"""Hashes of rows, and of keys in them, that find candidates for equal rows in a bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import polars as pl

from importer.run_store.spool_format import HASH

WHOLE_ROW = ""  # the key that is all fields together
BATCH_ROWS = 100_000
HASHES_AT_ONCE = 2_500_000


def hash_columns(fields: pl.DataFrame, keys: Mapping[str, pl.Expr]) -> pl.DataFrame:
    """Return a hash of all fields, and of each key whose field is there and not blank."""
    each = (pl.col(name).hash(seed=nth) for nth, name in enumerate(fields.columns, start=1))
    whole = pl.sum_horizontal(each) if fields.width else pl.lit(None, dtype=pl.UInt64)
    present = {path: key for path, key in keys.items() if path in fields.columns}
    texts = fields.select(whole.alias(HASH + WHOLE_ROW), *(key.alias(HASH + path) for path, key in present.items()))
    columns = (pl.col(HASH + path) for path in present)
    return texts.with_columns(pl.when(key != "").then(key.hash(seed=1)) for key in columns)


def find_equal_hashes(batches: Callable[[], Iterable[pl.DataFrame]], count: int) -> pl.Series:
    """Return the rows whose ``hash`` another row has, too, sorted.

    ``batches`` gives ``row`` and ``hash`` of each of ``count`` batches, anew for every share of the hashes: only as
    many are held at once as take a bounded memory, whatever the number of rows.
    """
    found = [pl.Series("row", [], dtype=pl.UInt32)]
    shares = max(1, -(-count * BATCH_ROWS // HASHES_AT_ONCE))
    for share in range(shares):
        parts = [frame.filter(pl.col("hash") % shares == share) for frame in batches()]
        hashes = pl.concat(parts) if parts else pl.DataFrame(schema={"row": pl.UInt32, "hash": pl.UInt64})
        # Sorted, because a table of all hashes would take several times as much memory.
        ordered = hashes["hash"].sort()
        repeated = ordered.filter(ordered == ordered.shift(1)).unique()
        found.append(hashes.filter(pl.col("hash").is_in(repeated.implode()))["row"])
    return pl.concat(found).sort()
