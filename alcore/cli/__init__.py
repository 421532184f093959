"""The command line. Exit codes: 0 done, 1 failed, 2 bad usage."""

import os
import sys

import click

from alcore import __version__
from alcore.cli.compare import compare
from alcore.cli.dashboard import dashboard, demo
from alcore.cli.data import data
from alcore.cli.doctor import doctor
from alcore.cli.plugins import plugins
from alcore.cli.run import run
from alcore.cli.runs import runs
from alcore.cli.select import select
from alcore.cli.store import store
from alcore.cli.worker import worker
from alcore.errors import AlcoreError, UsageError
from alcore.plugins import NO_PLUGINS_VARIABLE, STRICT_VARIABLE


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="alcore")
@click.option("--no-plugins", is_flag=True, help="Use the built-in plugins only.")
@click.option("--strict", is_flag=True, help="Raise the first plugin failure, for authors.")
def cli(no_plugins: bool, strict: bool) -> None:
    """Which samples to label next, why, at what cost, and what each round bought."""
    # Through the environment, because workers and the dashboard are processes of their own.
    if no_plugins:
        os.environ[NO_PLUGINS_VARIABLE] = "1"
    if strict:
        os.environ[STRICT_VARIABLE] = "1"


for _command in (demo, dashboard, select, run, runs, compare, data, plugins, store, worker, doctor):
    cli.add_command(_command)


def main() -> None:
    """Run the command line and exit; an AlcoreError becomes one line on standard error."""
    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        sys.exit(1)
    except AlcoreError as error:
        if STRICT_VARIABLE in os.environ:
            raise
        click.echo(f"alcore: {error}", err=True)
        sys.exit(2 if isinstance(error, UsageError) else 1)
    sys.exit(code if isinstance(code, int) else 0)
