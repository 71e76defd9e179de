"""The texts of vendors' documents in the words of the web app: ``locale/VENDOR.yaml`` for ``VENDOR.yaml``.

They stand beside the documents and not in them, because a run that is resumed must find its document unchanged.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

from schemas.registry import FOLDER


@functools.cache
def vendor_texts(language: str) -> Mapping[str, str]:
    """Return the texts of every vendor's document in a language, by the document's own text.

    Descriptions of fields stand for themselves, hints for the whole advice: "enter …".
    """
    import yaml

    found: dict[str, str] = {}
    for path in sorted((FOLDER / "locale").glob("*.yaml")):
        found |= yaml.safe_load(path.read_text(encoding="utf-8")).get(language, {})
    return found
