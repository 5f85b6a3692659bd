"""Names we rely on from the semantic conventions: each with the older and stray spellings.

The current name stands first and wins over the others when a record has several. The original
attributes are always kept as they came; these names only fill the promoted columns.
Sources: semantic-conventions 1.44.0 and its schema files, and what instrumentations send.
"""

from typing import Final

FUNCTION: Final = ("faas.name",)
RESOURCE_ID: Final = ("cloud.resource_id", "cloud.resource.id", "faas.id")
LOG_GROUP: Final = ("aws.log.group.names", "aws.cloudwatch.log_group_name")
# A CloudWatch metric: its dimensions in one kvlist, or by converters as JSON text or one by one.
DIMENSIONS: Final = ("Dimensions",)
FUNCTION_DIMENSIONS: Final = ("FunctionName", "function_name")
SERVICE: Final = ("service.name",)
VERSION: Final = ("faas.version", "service.version")
INSTANCE: Final = (
    "faas.instance",
    "aws.log.stream.names",  # Lambda: an environment writes to a log stream of its own
    "aws.cloudwatch.log_stream_name",
    "service.instance.id",
)
INVOKED_PROVIDER: Final = ("faas.invoked_provider",)
PROVIDER: Final = ("cloud.provider", *INVOKED_PROVIDER)
PLATFORM: Final = ("cloud.platform",)
REGION: Final = ("cloud.region", "faas.invoked_region")
ACCOUNT: Final = ("cloud.account.id",)
MEMORY: Final = ("faas.max_memory",)

INVOCATION: Final = ("faas.invocation_id", "faas.execution")
# Log libraries name the request id of the Lambda invocation they run in like this. On spans
# the same words mean the request of a call that was made, so only logs are read for them.
LOGGED_INVOCATION: Final = (
    "function_request_id",
    "aws_request_id",
    "awsRequestId",
    "AWSRequestId",
    "lambda_request_id",
)
LOG_INVOCATION: Final = (
    *INVOCATION,
    *LOGGED_INVOCATION,
    "requestId",
    "InvocationId",  # Azure's host
    "execution_id",  # Google's functions
)
# The trace and span a log record belongs to, as loggers write it that know nothing of OTLP.
LOG_TRACE: Final = (
    "trace_id",
    "traceId",
    "otelTraceID",
    "trace.id",
    "logging.googleapis.com/trace",
    "dd.trace_id",
    "operation_Id",
)
LOG_SPAN: Final = (
    "span_id",
    "spanId",
    "otelSpanID",
    "span.id",
    "logging.googleapis.com/spanId",
    "operation_ParentId",
)
COLD_START: Final = ("faas.coldstart",)
TRIGGER: Final = ("faas.trigger",)
# Session ids and ids of one HTTP request or invocation are no correlation ids: they are not here.
CORRELATION: Final = (
    "messaging.message.conversation_id",
    "messaging.conversation_id",
    "correlation_id",
    "correlationId",
    "CorrelationId",
    "correlation-id",
    "correlation.id",
    "x-correlation-id",
    "X-Correlation-ID",
    "X-Correlation-Id",
    "http.request.header.x-correlation-id",
    "http.request.header.x_correlation_id",
    "cloudevents.correlationid",
    "cloudevents.event_correlationid",
    "ce-correlationid",
    "correlationid",
)
# Powertools writes the X-Ray trace id into each log line; the last resort of a log record.
LOG_CORRELATION: Final = (*CORRELATION, "xray_trace_id")
DESTINATION: Final = (
    "messaging.destination.name",
    "messaging.destination",
    "aws.sqs.queue.url",
    "aws.queue_url",
    "aws.sns.topic.arn",
    "cloudflare.queue.name",
    "aws.kinesis.stream_name",
    "aws.kinesis.stream.name",
)
MESSAGE: Final = ("messaging.message.id", "messaging.message_id")
ERROR_TYPE: Final = ("error.type",)
EXCEPTION_TYPE: Final = ("exception.type",)

# What a platform calls its trigger -> the word of the conventions.
TRIGGERS: Final = {
    "cron": "timer",
    "queue": "pubsub",
    "timerTrigger": "timer",
    "httpTrigger": "http",
    "queueTrigger": "pubsub",
    "serviceBusTrigger": "pubsub",
    "eventHubTrigger": "pubsub",
    "eventGridTrigger": "pubsub",
    "kafkaTrigger": "pubsub",
    "rabbitMQTrigger": "pubsub",
    "blobTrigger": "datasource",
    "cosmosDBTrigger": "datasource",
    "sqlTrigger": "datasource",
}

# A memory size below this is megabytes: Python's detector and the collector's receiver send MB,
# the conventions say bytes, and no function has less than 64 KiB or more than 64 GiB.
LARGEST_MEMORY_MB: Final = 65_535
BYTES_PER_MB: Final = 1_048_576
