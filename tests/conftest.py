"""How the suite is shared out among workers, by file, and how long an example may take."""

from typing import Any, Final

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadFileScheduling

# A slow machine is no fault of what is tested.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

# Begun first, so that no worker is left alone with one of them at the end.
_LONG: Final = (
    "tests/end_to_end/",
    "tests/sample_data/",
    "tests/derive/test_any_order.py",
    "tests/health/test_any_order.py",
    "tests/benchmarks/",
)
# Files that look at one collector, which is not to be filled twice.
_TOGETHER: Final = {
    "tests/sample_data/test_health.py": "tests/sample_data/test_event_traces.py",
}


class _ByFile(LoadFileScheduling):
    """Gives whole files to workers, and files that share a costly fixture to the same one."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return _TOGETHER.get(file, file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling:
    """Replaces what ``--dist`` asks for: fixtures of modules are made once."""
    return _ByFile(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files come first; within both halves the order stays as random as it is."""
    items.sort(key=lambda item: not item.nodeid.startswith(_LONG))
