"""``contact-importer web``."""

from __future__ import annotations

import contextlib
from pathlib import Path

import click

from importer.cli.journal_option import JOURNAL
from importer.cli.output import echo
from importer.cli.settings_file_command import CONFIG
from importer.cli.startup import fast_imports
from importer.errors import SettingsError


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0 takes a free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--password-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A file that contains the password. Required when --host makes the web app reachable for others.",
)
@click.option("--url", metavar="URL", help="The public address, when a TLS proxy stands in front.")
@click.option("--state-dir", type=click.Path(path_type=Path), metavar="DIR", help="As for run.")
@JOURNAL
@CONFIG
@click.option("--no-browser", is_flag=True, help="Only print the address.")
def web(  # noqa: PLR0913 - one argument an option
    port: int,
    host: str,
    password_file: Path | None,
    url: str | None,
    state_dir: Path | None,
    config: Path | None,
    *,
    no_browser: bool,
) -> None:
    """Serve the web app, for people who do not use a terminal.

    It listens on this machine only. The printed address lets one browser in, once. Imports continue when the browser is
    closed. Ctrl-C stops them; resume them later.
    """
    with fast_imports():
        from importer.web.authentication import ServerAddress
        from importer.web.origin import is_loopback, is_site_url
        from importer.web.server import listen, make_services, open_browser, read_password, serve

    if not is_loopback(host) and password_file is None:
        raise SettingsError(
            f"--host {host}: others could reach the web app, so it needs --password-file FILE; and put TLS in front of "
            "it, because it speaks plain HTTP"
        )
    if url is not None and not is_site_url(url):
        raise SettingsError(f"--url {url}: is not an address such as https://contacts.example.com, without a path")
    password = read_password(password_file) if password_file else None
    listener = listen(host, port)
    port = listener.getsockname()[1]
    url_host = f"[{host}]" if ":" in host else host
    address = ServerAddress(host, port, (url or f"http://{url_host}:{port}").rstrip("/"))
    services = make_services(address, state_dir, config, password)
    if not address.is_local and not address.is_secure:
        echo("Others can reach this web app without encryption: put a TLS proxy in front of it.", err=True)
    link = address.url if password else f"{address.url}/enter?token={services.authenticator.token}"
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C is how the server is stopped
        echo(f"Open {link}" + ("" if password else "  (works once)"))
        echo("Ctrl-C ends it; runs that it interrupts can be resumed later.")
        if not no_browser:
            open_browser(link)
        serve(services, listener)
