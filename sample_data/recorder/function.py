"""What a deployed function is: the settings AWS keeps for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

REGION = "eu-west-1"
ACCOUNT_ID = "123456789012"
TRACE_HEADER = "X-Amzn-Trace-Id"


@dataclass(frozen=True)
class Function:
    """One deployed Lambda function of a story."""

    name: str
    handler: str
    """`module.function`, `package.Class::method` in Java, as in AWS."""
    memory_mb: int
    timeout_s: float
    version: str = "1"
    runtime: Literal["python3.11", "nodejs20.x", "java17"] = "python3.11"
    max_environments: int = 5
    """Reserved concurrency: invocations beyond it wait."""
    log_route: Literal["sdk", "platform"] = "platform"
    """Who exports its log lines: the SDK inside it, or an extension on the Telemetry API."""
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """The unqualified function ARN, as event sources and targets name it."""
        return f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{self.name}"

    @property
    def log_group(self) -> str:
        return f"/aws/lambda/{self.name}"


@dataclass(frozen=True)
class QueueSource:
    """An event source mapping: a queue whose messages a function takes in batches."""

    queue: str
    function: str
    batch_size: int
    concurrency: int = 2
    window_s: float = 0.3
    """How long messages gather before a batch is taken (MaximumBatchingWindow)."""
