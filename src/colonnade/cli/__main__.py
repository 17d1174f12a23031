"""``python -m colonnade.cli``: the command without its script."""

from colonnade.cli import main

raise SystemExit(main())
