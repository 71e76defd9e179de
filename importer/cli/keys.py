"""``contact-importer keys``: API keys in the system's keyring."""

from __future__ import annotations

import sys

import click

from importer.cli.output import echo
from importer.errors import SettingsError


@click.group()
def keys() -> None:
    """Manage API keys in the system's keyring.

    A run finds the key there by the vendor's name.
    """


@keys.command(name="set")
@click.argument("name", metavar="VENDOR")
def set_key(name: str) -> None:
    """Store the key of VENDOR.

    It is typed at a hidden prompt, or read from standard input.
    """
    from importer.config.api_keys import store_key

    typed = sys.stdin.isatty()
    key = str(click.prompt(f"API key of {name}", hide_input=True, err=True) if typed else sys.stdin.readline()).strip()
    if not key:
        raise SettingsError("keys set: no key was given; type it, or pipe it in")
    store_key(name, key)
    echo(f"stored the key of {name}")


@keys.command(name="list")
def list_keys() -> None:
    """List the vendors whose keys are stored. The keys are not shown."""
    from importer.config.api_keys import stored_names

    for name in sorted(stored_names()):
        echo(name)


@keys.command(name="delete")
@click.argument("name", metavar="VENDOR")
def delete(name: str) -> None:
    """Delete the key of VENDOR."""
    from importer.config.api_keys import delete_key

    delete_key(name)
    echo(f"deleted the key of {name}")
