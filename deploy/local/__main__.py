"""`python -m deploy.local` is the demo."""

import sys

from deploy.local.demo import main

sys.exit(main(sys.argv[1:]))
