"""A process that is killed between sending a message and writing that down sends it again."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from collector.errors import StoreUnavailable
from tests.alerts.delivered import Delivered
from tests.alerts.hooks import SECRET, Answer, Hooks
from tests.store.build import until

_CHILD = """
import sys
from pathlib import Path
from tests.alerts.delivered import Delivered
with Delivered(Path(sys.argv[1]), sys.argv[2], secret=sys.argv[3]) as sent:
    sent.change("firing")
    sent.change("firing", "other")
    print("ready", flush=True)
    sent.settle()
    print("not killed", flush=True)
"""


def test_a_kill_between_sending_and_marking_sends_again_with_the_same_key(tmp_path: Path) -> None:
    """The receiver has the message when the sender dies: kill -9 comes before the answer."""
    with Hooks() as hooks:
        command = [sys.executable, "-c", _CHILD, str(tmp_path), hooks.url, SECRET]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        hooks.answers = [Answer(before=lambda: os.kill(child.pid, signal.SIGKILL))]
        told, _ = child.communicate(timeout=120)
        assert (told.split(), child.returncode) == (["ready"], -signal.SIGKILL)
        with Delivered(tmp_path, hooks.url, secret=SECRET) as after:
            assert after.states() == ["waiting", "waiting"]
            after.settle()
            after.round(after_s=60)
            first, second = hooks.taken

            assert (first.key, first.body) == (second.key, second.body)
            assert second.signed_by(SECRET)
            assert after.states() == ["sent", "sent"]
            assert [row.message_id for row in after.rows()] == [second.key] * 2


def test_a_store_that_takes_nothing_loses_no_ending(tmp_path: Path) -> None:
    """A message whose end could not be written down is not sent a second time for that."""
    with Hooks() as hooks, Delivered(tmp_path, hooks.url) as sent:
        sent.change("firing")
        sent.round()
        sent.clock.go(5)
        sent.deliverer.step()
        assert sent.deliverer.sending.wait_idle(30)
        derive = sent.database.derive
        sent.database.derive = _full  # type: ignore[method-assign]
        sent.delivery.start()
        until(lambda: sent.deliverer.failures > 0)
        sent.database.derive = derive  # type: ignore[method-assign]
        until(lambda: sent.states() == ["sent"])

        assert len(hooks.taken) == 1


def _full(_: object) -> None:
    raise StoreUnavailable("the disk is full")
