"""`python -m sbd` is the command line."""

import sys

from sbd.cli import main

sys.exit(main())
