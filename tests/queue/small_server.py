"""A queue as a process of its own, to be killed: submits what it is told, says what it took on.

    python small_server.py FOLDER COUNT

Prints the id of each job once its row is there for good, then works until it is ended.
"""

import sys
import time
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.queue.desk import open_desk


def main() -> None:
    """Submit and work."""
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    with open_desk(folder) as desk:
        for _ in range(count):
            job = desk.submit(steps=10, step_s=0.05)
            sys.stdout.write(f"{job.job_id}\n")
            sys.stdout.flush()
        while True:
            time.sleep(1.0)


if __name__ == "__main__":
    main()
