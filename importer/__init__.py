"""Import spreadsheets of contacts into vendors' APIs.

``check_file``, ``run_import``, ``resume_run`` and ``resolve_run`` are the typed pipeline; they print nothing. They are
loaded on first use, so that ``import importer`` is quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from importer.version import VERSION as __version__  # noqa: N811 - the name Python looks for

if TYPE_CHECKING:
    from importer.model.status import Status
    from importer.model.summary import Summary
    from importer.pipeline import check_file, resolve_run, resume_run, run_import
    from importer.settings import Settings

__all__ = ["Settings", "Status", "Summary", "__version__", "check_file", "resolve_run", "resume_run", "run_import"]

_MODULE_BY_NAME = {
    "check_file": "importer.pipeline",
    "resolve_run": "importer.pipeline",
    "resume_run": "importer.pipeline",
    "run_import": "importer.pipeline",
    "Settings": "importer.settings",
    "Status": "importer.model.status",
    "Summary": "importer.model.summary",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_BY_NAME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_MODULE_BY_NAME[name]), name)
