"""Downloads a vendor's published document once, to be kept beside its overlay."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import httpx

from importer.errors import SettingsError
from importer.sending.certificates import make_ssl_context, verification_failure

TIMEOUT_SECONDS, MOST_BYTES = 30.0, 20_000_000


def download_document(url: str, folder: Path) -> Path:
    """Return the file of a document, which is downloaded unless it is in the folder. Raises SettingsError."""
    file = folder / (Path(urlsplit(url).path).name or "openapi.json")
    if file.exists():
        return file
    content, context = bytearray(), make_ssl_context(None)
    try:
        with httpx.stream("GET", url, timeout=TIMEOUT_SECONDS, follow_redirects=True, verify=context) as response:
            response.raise_for_status()
            for piece in response.iter_bytes():
                content += piece
                if len(content) > MOST_BYTES:
                    raise SettingsError(f"{url} is larger than {MOST_BYTES // 1_000_000} MB")
    except httpx.HTTPError as error:
        reason = verification_failure(error) or str(error)
        raise SettingsError(f"{url} cannot be downloaded: {reason}") from error
    file.write_bytes(content)
    return file
