"""Plays API Gateway: HTTP requests as the events functions get, with its tracing header."""

import secrets
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from .function import ACCOUNT_ID
from .lambda_service import new_root

HOST = "api.shop.example"


def _headers(root: str, traced_client: bool) -> dict[str, str]:
    headers = {
        "content-type": "application/json",
        "user-agent": "okhttp/4.12.0" if traced_client else "Mozilla/5.0",
        "x-amzn-trace-id": f"Root={root}",
        "x-forwarded-proto": "https",
        "host": HOST,
    }
    if traced_client:
        # The mobile app traces itself and sends its spans to somebody else.
        headers["traceparent"] = f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
    return headers


def http_api_event(method: str, path: str, body: str, *, traced_client: bool) -> dict[str, Any]:
    """An HTTP API event, payload format 2.0."""
    headers = _headers(new_root(), traced_client)
    at = datetime.now(UTC)
    return {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "accountId": ACCOUNT_ID,
            "apiId": "a1b2c3d4e5",
            "domainName": HOST,
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": headers["user-agent"],
            },
            "requestId": secrets.token_urlsafe(11) + "=",
            "routeKey": f"{method} {path}",
            "stage": "$default",
            "time": f"{at:%d/%b/%Y:%H:%M:%S +0000}",
            "timeEpoch": int(time.time() * 1000),
        },
        "body": body,
        "isBase64Encoded": False,
    }


def rest_api_event(method: str, resource: str, body: str, *, traced_client: bool) -> dict[str, Any]:
    """A REST API proxy event, payload format 1.0."""
    headers = _headers(new_root(), traced_client)
    return {
        "resource": resource,
        "path": resource,
        "httpMethod": method,
        "headers": {name.title(): value for name, value in headers.items()},
        "multiValueHeaders": None,
        "queryStringParameters": None,
        "requestContext": {
            "accountId": ACCOUNT_ID,
            "apiId": "f6g7h8i9j0",
            "httpMethod": method,
            "path": f"/prod{resource}",
            "requestId": str(uuid.uuid4()),
            "resourcePath": resource,
            "stage": "prod",
        },
        "body": body,
        "isBase64Encoded": False,
    }
