"""What Python makes everybody wait for while the process serves."""

import gc
import sys

from web.pauses import short_pauses


def test_what_is_loaded_is_not_looked_through_while_serving() -> None:
    """Collections while serving look at what came since; afterwards all is as it was."""
    before = gc.get_threshold(), sys.getswitchinterval()

    with short_pauses():
        assert gc.get_freeze_count() > 10_000
        assert gc.get_threshold()[0] > before[0][0]
        assert sys.getswitchinterval() < before[1]

    assert gc.get_freeze_count() == 0
    assert (gc.get_threshold(), sys.getswitchinterval()) == before
