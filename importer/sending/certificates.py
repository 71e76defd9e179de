"""The certificate authorities that a vendor's certificate is verified with."""

from __future__ import annotations

import os
import ssl

import httpx

from importer.errors import SettingsError

# A company that looks into TLS connections signs them with a certificate of its own.
VERIFICATION_HELP = (
    "if your company inspects TLS connections, name its certificate with --ca-file FILE or SSL_CERT_FILE"
)


def make_ssl_context(ca_file: str | None) -> ssl.SSLContext:
    """Return a context that trusts the public authorities, or SSL_CERT_FILE's, and those of ``ca_file``.

    Raises SettingsError.
    """
    check_certificates(ca_file)
    context = httpx.create_ssl_context()
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


def check_certificates(ca_file: str | None) -> None:
    """Raise SettingsError unless the files that are named hold certificates."""
    for option, path in (("--ca-file", ca_file), ("SSL_CERT_FILE", os.environ.get("SSL_CERT_FILE"))):
        if not path:
            continue
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
        except (OSError, ValueError) as error:  # an SSLError is an OSError
            reason = "holds no certificate in PEM form" if isinstance(error, ssl.SSLError) else "cannot be read"
            raise SettingsError(f"{path} {reason}.", option=f"{option}:") from error


def verification_failure(error: BaseException) -> str | None:
    """Return what to do if an exception was caused by a certificate that could not be verified, else None."""
    cause: BaseException | None = error
    while cause is not None:
        verification = getattr(cause, "certificate_error", cause)
        if isinstance(verification, ssl.SSLCertVerificationError):
            reason = verification.verify_message
            return f"the vendor's certificate could not be verified ({reason}); {VERIFICATION_HELP}"
        cause = cause.__cause__ or cause.__context__
    return None
