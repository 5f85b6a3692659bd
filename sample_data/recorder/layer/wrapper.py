"""The handler the runtime calls: the function's own, under the Lambda instrumentation.

The OpenTelemetry layer for Python does the same, so that the instrumentation is applied after the
runtime has set up logging.
"""

import os
from importlib import import_module

from opentelemetry.instrumentation.aws_lambda import AwsLambdaInstrumentor

AwsLambdaInstrumentor().instrument()
_module, _name = os.environ["ORIG_HANDLER"].rsplit(".", 1)
handler = getattr(import_module(_module), _name)
