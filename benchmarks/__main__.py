"""`python -m benchmarks`: the table of what has to hold, with what was measured."""

import sys

from benchmarks.ratios import main

if __name__ == "__main__":
    sys.exit(main())
