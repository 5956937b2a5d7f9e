"""Options that many commands have."""

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[Path | None, typer.Option("--config", help="The settings file (default: weiting.toml of this folder).")]
Data = Annotated[Path | None, typer.Option("--data", help="The folder for the database, keys and logs (default: var).")]
PortsOption = Annotated[int | None, typer.Option("--ports", help="The first of the ports: BASE+0 public … BASE+4 bots.", min=1, max=65500)]
