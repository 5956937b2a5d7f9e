"""`bot/.venv/bin/python -m bench.nlu --data FOLDER [--only PART …] [--lexical] [--stock] [--report FILE.md]`: one JSON object on stdout.

FOLDER holds smp2017, clinc150 and nus_sms. Models are made by bot.nlu as it serves, never by a copy of it. One thread.
"""

import os
import sys

for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

from bench.nlu.run import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
