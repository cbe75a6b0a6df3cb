import sys

from qa.commands import main

sys.exit(main())
