"""The commands put together, and the one place where what went wrong becomes a message and an exit code."""

import io
import os
import sys
from importlib.metadata import entry_points
from typing import Annotated

import typer
from typer.main import get_command

from matcher.cli import (
    checking,
    demonstrating,
    explaining,
    generating,
    measuring,
    pricing,
    rematching,
    reporting,
    scenarios,
    solving,
    trading,
    verifying,
)
from matcher.cli.console import Leave, complain, show_problems
from models.errors import InputErrors, MatcherError
from models.version import VERSION

USAGE = 2
"""What the option parser exits with for a command line that it does not understand."""

app = typer.Typer(
    name="matcher",
    help="Place learners of a mobility round with companies: best possible, audited, explained.",
    epilog="ROUND is a folder of CSV files with its round.toml, or an .xlsx workbook beside its round.toml.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


def version(wanted: bool) -> None:
    """Print the version and leave."""
    if wanted:
        typer.echo(f"matcher {VERSION}")
        raise typer.Exit


@app.callback()
def before(
    _version: Annotated[
        bool, typer.Option("--version", callback=version, is_eager=True, help="Print the version and leave.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", envvar="MATCHER_DEBUG", help="Show where in the code something failed.")
    ] = False,
) -> None:
    """Options that come before the command's name."""
    if debug:
        os.environ["MATCHER_DEBUG"] = "1"


app.command("solve")(solving.solve)
app.command("check")(checking.check)
app.command("verify")(verifying.verify)
app.command("explain")(explaining.explain)
app.command("rematch")(rematching.rematch)
app.command("metrics")(measuring.metrics)
app.command("scenario")(scenarios.scenario)
app.command("frontier")(trading.frontier)
app.command("shortages")(pricing.shortages)
app.command("report")(reporting.report)
app.command("generate")(generating.generate)
app.command("demo")(demonstrating.demo)

# The layers above this one (benchmarks, the service) bring their commands, and groups of them, through entry points:
# nothing down here imports what lies above.
for entry in sorted(entry_points(group="matcher.commands"), key=lambda entry: entry.name):
    loaded = entry.load()
    if isinstance(loaded, typer.Typer):
        app.add_typer(loaded, name=entry.name)
    else:
        app.command(entry.name)(loaded)


def main(arguments: list[str] | None = None) -> None:
    """Run one command and end the process with the contract's exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: list[str]) -> int:
    """Run one command; its exit code. Whatever goes wrong is said on stderr."""
    try:
        get_command(app).main(args=arguments, prog_name="matcher")
    except Leave as end:
        return end.code
    except SystemExit as end:
        return 1 if end.code == USAGE else int(end.code or 0)
    except InputErrors as wrong:
        show_problems(wrong.problems)
        return wrong.exit_code
    except MatcherError as wrong:
        complain(str(wrong))
        return wrong.exit_code
    except OSError as wrong:
        complain(refusal(wrong))
        return 1
    except KeyboardInterrupt:
        complain("Interrupted.")
        return 130
    except Exception as wrong:  # noqa: BLE001 - the outermost frame: what is left here is our fault by definition
        return our_fault(wrong)
    return 0


def refusal(wrong: OSError) -> str:
    """What the system refused, and where."""
    said = wrong.strerror or str(wrong)
    return f"{said}: {wrong.filename}" if wrong.filename and str(wrong.filename) not in said else said


def our_fault(wrong: Exception) -> int:
    """Say that the fault is ours, in one line, and how to see more; exit code 3."""
    if os.environ.get("MATCHER_DEBUG"):
        raise wrong
    complain(f"This should not have happened, and it is not your input: {type(wrong).__name__}.")
    complain("Run `matcher --debug` with the same command to see where, and please report it.")
    return 3
