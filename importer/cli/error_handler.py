"""Turn the exception that stopped a command into a line of text and an exit code, in this one place."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

import click

from importer.cli.output import echo, protect_streams
from importer.errors import ExitCode, ImporterError, InternalError


class Declined(KeyboardInterrupt):
    """A person answered no to the question before sending."""


def run_command(command: click.Command) -> None:
    """Run the command, and exit the process with its exit code."""
    protect_streams()
    _treat_hang_up_as_ctrl_c()
    try:
        code = command.main(standalone_mode=False)
    except click.ClickException as error:
        error.show(sys.stderr)
        sys.exit(ExitCode.USAGE)
    except (click.Abort, KeyboardInterrupt) as error:
        is_declined = isinstance(error.__cause__ or error, Declined)  # click raises Abort from what ended the command
        echo("Nothing was sent." if is_declined else "Interrupted.", err=True)
        sys.exit(ExitCode.INTERRUPTED)
    except InternalError as error:
        _print_error(f"internal error: {error}")
        sys.exit(ExitCode.INTERNAL)
    except ImporterError as error:
        _print_error(str(error))
        sys.exit(error.exit_code)
    except Exception as error:
        if os.environ.get("CONTACT_IMPORTER_DEBUG"):
            raise
        _print_error(f"internal error: {type(error).__name__}: {error} (CONTACT_IMPORTER_DEBUG=1 shows where)")
        sys.exit(ExitCode.INTERNAL)
    sys.exit(code if isinstance(code, int) else ExitCode.DONE)


def _treat_hang_up_as_ctrl_c() -> None:
    """Let a lost connection (SIGHUP) and SIGTERM end the command as Ctrl-C does, wherever it is; nohup still works."""
    for name in ("SIGHUP", "SIGTERM"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _interrupt)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _print_error(message: str) -> None:
    echo(f"Error: {message}", err=True)
