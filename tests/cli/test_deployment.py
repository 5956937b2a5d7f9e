"""Where a deployment keeps its data."""

import stat
from pathlib import Path

from cli.deployment import ROOT, load_deployment


def test_a_new_data_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "data"
    load_deployment(ROOT / "weiting.toml", folder, None, {})
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
