"""The `trustcoach` command: finds its commands in `trustcoach/commands/`, one module each, and reports errors.

A module `commands/NAME.py` holds a click command called `command`; it is imported only when it is run or its help shown.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys

import click

from trustcoach import __version__, commands
from trustcoach.errors import TrustcoachError

__all__ = ["cli", "main"]


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(m.name for m in pkgutil.iter_modules(commands.__path__) if not m.name.startswith("_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command = importlib.import_module(f"trustcoach.commands.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "-V", "--version", prog_name="trustcoach")
def cli() -> None:
    """See in support chats what earns a customer's trust and what breaks it.

    Everything runs on this machine; no transcript leaves it.

    \b
    Start with:   trustcoach score export.json --out results
    Then:         trustcoach explain export.json --conversation ID
    """


def main() -> None:
    """Run the command line. Exit codes: 0 done, 1 a gate was missed, 2 usage or input error, 130 interrupted."""
    try:
        code = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Interrupted.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except TrustcoachError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(2)
    except BrokenPipeError:
        sys.exit(0)
    sys.exit(code if isinstance(code, int) else 0)
