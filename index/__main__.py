from index.commands import main

raise SystemExit(main())
