import sys

from eval.commands import main

sys.exit(main())
