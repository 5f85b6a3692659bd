# Sends CloudWatch metrics and the logs of Lambda functions to Lockstitch through one Firehose
# stream. Once per account and region.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "endpoint_url" {
  type        = string
  description = "Where Lockstitch's HTTP port is reached, with /firehose. Firehose wants port 443."

  validation {
    condition     = can(regex("^https://[^/:]+(:443)?/firehose$", var.endpoint_url))
    error_message = "It must be https, on port 443, and end in /firehose."
  }
}

variable "access_key" {
  type        = string
  sensitive   = true
  description = "An ingest token, made with \"lockstitch token new aws\"."
}

variable "functions" {
  type        = set(string)
  description = "Functions whose logs are sent; their log groups must exist."
}

variable "filter_pattern" {
  type        = string
  default     = ""
  description = "Which log lines are sent; all by default. Keep REPORT lines or platform.report events in it."
}

variable "environment" {
  type        = string
  default     = "production"
  description = "Becomes the resource attribute deployment.environment.name of all that is sent."
}

data "aws_caller_identity" "current" {}

locals {
  # Which service may do what: each gets a role of its own.
  services = {
    delivery = "firehose.amazonaws.com"
    metrics  = "streams.metrics.cloudwatch.amazonaws.com"
    logs     = "logs.amazonaws.com"
  }
}

data "aws_iam_policy_document" "assume" {
  for_each = local.services

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = [each.value]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_iam_role" "lockstitch" {
  for_each = local.services

  name_prefix        = "lockstitch-${each.key}-"
  assume_role_policy = data.aws_iam_policy_document.assume[each.key].json
}

# What could not be delivered for an hour; "lockstitch import" reads it.
resource "aws_s3_bucket" "undelivered" {
  bucket_prefix = "lockstitch-undelivered-"
}

resource "aws_s3_bucket_public_access_block" "undelivered" {
  bucket                  = aws_s3_bucket.undelivered.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_lifecycle_configuration" "undelivered" {
  bucket = aws_s3_bucket.undelivered.id

  rule {
    id     = "expire"
    status = "Enabled"

    filter {}

    expiration {
      days = 30
    }
  }
}

resource "aws_cloudwatch_log_group" "delivery_errors" {
  name_prefix       = "lockstitch-delivery-"
  retention_in_days = 14
}

resource "aws_cloudwatch_log_stream" "delivery_errors" {
  name           = "http"
  log_group_name = aws_cloudwatch_log_group.delivery_errors.name
}

resource "aws_iam_role_policy" "delivery" {
  name = "keep-what-is-not-delivered"
  role = aws_iam_role.lockstitch["delivery"].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Action = [
          "s3:AbortMultipartUpload",
          "s3:GetBucketLocation",
          "s3:GetObject",
          "s3:ListBucket",
          "s3:ListBucketMultipartUploads",
          "s3:PutObject",
        ]
        Resource = [aws_s3_bucket.undelivered.arn, "${aws_s3_bucket.undelivered.arn}/*"]
      },
      {
        Effect   = "Allow"
        Action   = ["logs:PutLogEvents"]
        Resource = ["${aws_cloudwatch_log_group.delivery_errors.arn}:*"]
      },
    ]
  })
}

resource "aws_kinesis_firehose_delivery_stream" "lockstitch" {
  name        = "lockstitch"
  destination = "http_endpoint"

  http_endpoint_configuration {
    name       = "Lockstitch"
    url        = var.endpoint_url
    access_key = var.access_key
    role_arn   = aws_iam_role.lockstitch["delivery"].arn

    # Whichever comes first. The smaller, the fresher the pages.
    buffering_interval = 15
    buffering_size     = 4
    retry_duration     = 3600
    s3_backup_mode     = "FailedDataOnly"

    request_configuration {
      content_encoding = "GZIP"

      common_attributes {
        name  = "deployment.environment.name"
        value = var.environment
      }
    }

    s3_configuration {
      role_arn           = aws_iam_role.lockstitch["delivery"].arn
      bucket_arn         = aws_s3_bucket.undelivered.arn
      compression_format = "UNCOMPRESSED"
    }

    cloudwatch_logging_options {
      enabled         = true
      log_group_name  = aws_cloudwatch_log_group.delivery_errors.name
      log_stream_name = aws_cloudwatch_log_stream.delivery_errors.name
    }
  }

  depends_on = [aws_iam_role_policy.delivery]
}

resource "aws_iam_role_policy" "put" {
  for_each = toset(["metrics", "logs"])

  name = "put-${each.key}"
  role = aws_iam_role.lockstitch[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["firehose:PutRecord", "firehose:PutRecordBatch"]
      Resource = [aws_kinesis_firehose_delivery_stream.lockstitch.arn]
    }]
  })
}

resource "aws_cloudwatch_metric_stream" "lockstitch" {
  name          = "lockstitch"
  role_arn      = aws_iam_role.lockstitch["metrics"].arn
  firehose_arn  = aws_kinesis_firehose_delivery_stream.lockstitch.arn
  output_format = "opentelemetry1.0"

  dynamic "include_filter" {
    for_each = toset([
      "AWS/Lambda",
      "AWS/SQS",
      "AWS/SNS",
      "AWS/Events",
      "AWS/States",
      "AWS/Kinesis",
      "AWS/ApiGateway",
    ])

    content {
      namespace = include_filter.value
    }
  }

  statistics_configuration {
    additional_statistics = ["p50", "p95", "p99"]

    include_metric {
      namespace   = "AWS/Lambda"
      metric_name = "Duration"
    }
  }

  depends_on = [aws_iam_role_policy.put]
}

resource "aws_cloudwatch_log_subscription_filter" "functions" {
  for_each = var.functions

  name            = "lockstitch"
  log_group_name  = "/aws/lambda/${each.key}"
  filter_pattern  = var.filter_pattern
  destination_arn = aws_kinesis_firehose_delivery_stream.lockstitch.arn
  role_arn        = aws_iam_role.lockstitch["logs"].arn

  depends_on = [aws_iam_role_policy.put]
}

output "undelivered_bucket" {
  value       = aws_s3_bucket.undelivered.bucket
  description = "Copy it and give its files to \"lockstitch import\"."
}
