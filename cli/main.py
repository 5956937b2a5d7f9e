"""`weiting`: every command, its options, and the exit codes: 0 done · 1 it broke · 2 a setting or an argument is wrong."""

import errno
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from cli.deployment import Deployment, load_deployment
from cli.options import Config, Data, PortsOption
from cli.wechat.commands import wechat
from runtime.errors import Refusal, SettingsError, WeitingError

app = typer.Typer(
    name="weiting", help="微厅: a service desk inside WeChat.", no_args_is_help=True, add_completion=False, rich_markup_mode=None
)
nlu = typer.Typer(help="What the model makes of a sentence.", no_args_is_help=True)
staff = typer.Typer(help="Agents, supervisors, trainers.", no_args_is_help=True)
sandbox = typer.Typer(help="The doubles on this machine.", no_args_is_help=True)
serve = typer.Typer(help="One part, for many machines on PostgreSQL and Redis.", no_args_is_help=True)
app.add_typer(nlu, name="nlu")
app.add_typer(staff, name="staff")
app.add_typer(sandbox, name="sandbox")
app.add_typer(serve, name="serve")
app.add_typer(wechat, name="wechat")


_OF_THE_MACHINE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM})


def main(argv: Sequence[str] | None = None) -> int:
    """The entry point: turns our errors into one sentence and an exit code."""
    try:
        app(argv, prog_name="weiting", standalone_mode=True)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except Refusal as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except WeitingError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except OSError as error:
        if error.errno not in _OF_THE_MACHINE:
            raise
        where = f"{error.filename}: " if error.filename else ""
        sys.stderr.write(f"{where}{error.strerror}; free some space or mend the folder's rights, then run this again\n")
        return 1
    return 0


def _deployment(config: Path | None, data: Path | None, ports: int | None = None) -> Deployment:
    return load_deployment(config, data, ports, os.environ)


@app.command()
def up(
    data: Data = None,
    ports: PortsOption = None,
    config: Config = None,
    now: Annotated[str | None, typer.Option(help="Start the product's clock at this moment (ISO 8601; sandbox only).")] = None,
) -> None:
    """Start everything on this machine; prints one JSON line when ready; SIGTERM stops all."""
    from cli.up import run_up

    raise typer.Exit(run_up(_deployment(config, data, ports), now, os.environ))


@app.command()
def demo(data: Data = None, ports: PortsOption = None, config: Config = None) -> None:
    """`up` with the demo carrier's subscribers and two members of staff; says where to click."""
    from cli.demo import run_demo

    raise typer.Exit(run_demo(_deployment(config, data, ports), os.environ))


@serve.command("core")
def serve_core(config: Config = None, data: Data = None, ports: PortsOption = None) -> None:
    """The public side, the staff side, the lanes, the router and the action server."""
    from cli.serve import run_core

    raise typer.Exit(run_core(_deployment(config, data, ports)))


@serve.command("bot")
def serve_bot(
    config: Config = None,
    data: Data = None,
    ports: PortsOption = None,
    index: Annotated[int, typer.Option(help="0 listens on BASE+4, 1 on BASE+5, …", min=0, max=63)] = 0,
) -> None:
    """One bot process (becomes the bot's own Python)."""
    from cli.plans import bot_argv
    from cli.rasa import become_bot_python

    become_bot_python(bot_argv(_deployment(config, data, ports), index)[1:])


@app.command()
def train(
    config: Config = None,
    data: Data = None,
    force: Annotated[bool, typer.Option("--force", help="Train even if nothing changed.")] = False,
) -> None:
    """Train the model of every industry that has an account, if its inputs changed."""
    from cli.train import train as run

    run(_deployment(config, data), force=force)


@app.command()
def doctor(
    config: Config = None,
    data: Data = None,
    ports: PortsOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Look at everything this deployment stands on: what is wrong and what to do; exit 1 when something is bad."""
    from cli.doctor import run_doctor

    raise typer.Exit(run_doctor(lambda: _deployment(config, data, ports), as_json=as_json))


@app.command()
def migrate(config: Config = None, data: Data = None) -> None:
    """Bring the database's tables to this version's, all or nothing (`up` does it by itself)."""
    from cli.migrate import migrate as run

    run(_deployment(config, data))


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write, a .tar.gz; whoever has it has the keys too.")],
    config: Config = None,
    data: Data = None,
) -> None:
    """Write the whole database and its keys into one file, also while everything runs; prints one JSON line."""
    from cli.backup import backup as run
    from cli.staff import print_json

    print_json(run(_deployment(config, data), file))


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `weiting backup` wrote.")],
    replace: Annotated[bool, typer.Option("--replace", help="Also when the database has rows; they are kept aside.")] = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Put a backup back, into SQLite or PostgreSQL, whole or not at all; prints one JSON line."""
    from cli.restore import restore as run
    from cli.staff import print_json

    print_json(run(_deployment(config, data), file, replace=replace))


@nlu.command("parse")
def nlu_parse(config: Config = None, industry: Annotated[str, typer.Option(help="Whose model.")] = "carrier") -> None:
    """Lines on standard input, as many JSON lines on standard output."""
    from cli.rasa import become_bot_python, existing_model

    become_bot_python(["-m", "bot.nlu.parse", "--model", existing_model(_deployment(config, None), industry)])


@nlu.command("evaluate")
def nlu_evaluate(
    file: Annotated[Path, typer.Argument(help="TSV: intent<TAB>text a line.")],
    config: Config = None,
    industry: Annotated[str, typer.Option(help="Whose model.")] = "carrier",
    table: Annotated[bool, typer.Option("--table", help="A table for people instead of JSON.")] = False,
    picture: Annotated[Path | None, typer.Option(help="Also draw the confusion matrix into this PNG file.")] = None,
    now: Annotated[str | None, typer.Option(metavar="ISO", help="Count 上个月 and the like from this moment.")] = None,
) -> None:
    """How well the model does on a labelled file, as JSON."""
    from cli.rasa import become_bot_python, existing_model

    model = existing_model(_deployment(config, None), industry)
    drawn = ["--picture", str(picture.resolve())] if picture else []
    options = [*(["--table"] if table else []), *drawn, *(["--now", now] if now else [])]
    become_bot_python(["-m", "bot.nlu.evaluate", "--model", model, *options, str(file.resolve())])


@app.command(
    "rasa", context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}, add_help_option=False
)
def rasa_command(context: typer.Context) -> None:
    """Rasa's own command line (train, shell, test …) with this product's folders and environment."""
    from cli.rasa import become_rasa

    become_rasa(_deployment(None, None), context.args)


@staff.command("add")
def staff_add(
    login: str,
    name: Annotated[str, typer.Option(help="The name subscribers see.")] = "",
    role: Annotated[str, typer.Option(help="agent, supervisor or trainer.")] = "agent",
    account: Annotated[list[str] | None, typer.Option(help="An account this person serves (default: all).")] = None,
    token: Annotated[bool, typer.Option("--token", help="Also print a token for scripts.")] = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Add a person; prints one JSON line with the random password (and token)."""
    from cli.staff import add

    add(_deployment(config, data), login, name or login, role, account, with_token=token)


@staff.command("reset")
def staff_reset(login: str, config: Config = None, data: Data = None) -> None:
    """Give a person a new random password and sign all their pages out."""
    from cli.staff import reset

    reset(_deployment(config, data), login)


@staff.command("disable")
def staff_disable(login: str, config: Config = None, data: Data = None) -> None:
    """Shut a person out at once; what they did stays on record."""
    from cli.staff import disable

    disable(_deployment(config, data), login)


@staff.command("list")
def staff_list(config: Config = None, data: Data = None) -> None:
    """Who there is, one JSON line each."""
    from cli.staff import show

    show(_deployment(config, data))


@sandbox.command("load")
def sandbox_load(
    file: Annotated[Path, typer.Argument(help="Subscribers, lines, plans, bills, usage, points, bindings (docs/sandbox-data.md).")],
    account: Annotated[str, typer.Option(help="Whose subscribers they are.")] = "demo",
    config: Config = None,
    data: Data = None,
    ports: PortsOption = None,
) -> None:
    """Load subscribers into the demo carrier; twice is the same as once."""
    from cli.load import load

    load(_deployment(config, data, ports), account, file)


if __name__ == "__main__":
    sys.exit(main())
