"""The one place where what stopped a run becomes a line of text and an exit code."""

from __future__ import annotations

import os
import sys

import click

from importer.errors import ExitCode, ImporterError, InternalError


def run_command(command: click.Command) -> None:
    """Run the command and leave the process with its exit code."""
    try:
        code = command.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(ExitCode.USAGE)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        sys.exit(ExitCode.INTERRUPTED)
    except InternalError as error:
        _say(f"internal error: {error}")
        sys.exit(ExitCode.INTERNAL)
    except ImporterError as error:
        _say(str(error))
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - the reader has gone; nothing can be said
        sys.exit(ExitCode.INTERNAL)
    except Exception as error:
        if os.environ.get("CONTACT_IMPORTER_DEBUG"):
            raise
        _say(f"internal error: {type(error).__name__}: {error} (CONTACT_IMPORTER_DEBUG=1 shows where)")
        sys.exit(ExitCode.INTERNAL)
    sys.exit(code if isinstance(code, int) else ExitCode.DONE)


def _say(words: str) -> None:
    click.echo(f"Error: {words}", err=True)
