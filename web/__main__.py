"""``python -m web`` is the ``lockstitch`` command."""

from web.cli import main

main()
