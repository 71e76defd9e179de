"""Problems as rows of a frame: where, which kind, and the parameters of its text as JSON."""

from __future__ import annotations

import json

import polars as pl

from importer.model.problem import PROBLEM_COLUMNS, Params, hint_of, message_of

TEXTS = ("message", "hint")
_STORED = ("row", "column", "field", "value", "severity", "code", "params", "source")
PROBLEM_SCHEMA = {name: pl.UInt32 if name == "row" else pl.String for name in _STORED}
RENDERED_SCHEMA = {name: pl.UInt32 if name == "row" else pl.String for name in PROBLEM_COLUMNS}


def encode_params(params: Params) -> str:
    """Return parameters as the frame holds them."""
    return json.dumps(params, ensure_ascii=False)


def adopt_finished_texts(problems: pl.DataFrame) -> pl.DataFrame:
    """Return the problems of a spool with parameters: earlier versions stored finished texts instead."""
    if "params" in problems.columns:
        return problems
    params = pl.struct(pl.col(TEXTS).fill_null("")).struct.json_encode()
    return problems.with_columns(params=params).select(*PROBLEM_SCHEMA)


def render_problems(problems: pl.DataFrame) -> pl.DataFrame:
    """Return the problems with English messages and hints, in the columns of errors.csv."""
    kinds = problems.select("code", "params").unique()
    texts = pl.DataFrame(
        [(code, params, *_texts(code, params)) for code, params in kinds.iter_rows()],
        schema=dict.fromkeys(("code", "params", *TEXTS), pl.String),
        orient="row",
    )
    return problems.join(texts, on=["code", "params"], how="left", maintain_order="left").select(PROBLEM_COLUMNS)


def _texts(code: str, encoded: str) -> tuple[str, str]:
    params = json.loads(encoded)
    return message_of(code, params), hint_of(code, params)
