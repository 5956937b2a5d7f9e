"""npm in web/, with the Node of the machine or the one of the environment: `scripts/npm.py run test`."""

import subprocess
import sys

from bootstrap import WEB, Stop, find_npm

if __name__ == "__main__":
    try:
        npm, env = find_npm()
    except Stop as stop:
        sys.exit(str(stop))
    sys.exit(subprocess.run([*npm, *sys.argv[1:]], cwd=WEB, env=env, check=False).returncode)  # noqa: S603
