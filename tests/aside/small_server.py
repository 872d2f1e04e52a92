"""A process that has work done aside, to be killed.

python small_server.py WORK FILE
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

from api.aside import Aside, AsideLimits
from api.named import Named

if __name__ == "__main__":
    aside = Aside(AsideLimits(call_seconds=2.0))
    aside.call(Named(f"tests.aside.works:{sys.argv[1]}"), sys.argv[2], label="the work")
