"""A closed-loop OTLP/gRPC load generator; same command line and output as ``benchmarks.load``."""

import argparse
import asyncio
import json
import sys
import time

import grpc
import numpy as np

from benchmarks.load import bodies

EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"


async def _drive(
    port: int, made: list[bytes], connections: int, seconds: float
) -> tuple[list[float], int]:
    """Seconds of each answered call, and how many were told to come again."""
    took: list[float] = []
    refused = 0
    waiting = iter(made)
    deadline = time.perf_counter() + seconds
    async with grpc.aio.insecure_channel(
        f"127.0.0.1:{port}", options=[("grpc.max_send_message_length", 64 * 2**20)]
    ) as channel:
        export = channel.unary_unary(EXPORT)

        async def sender() -> None:
            nonlocal refused
            for body in waiting:
                if time.perf_counter() > deadline:
                    return
                began = time.perf_counter()
                try:
                    await export(body)
                except grpc.aio.AioRpcError as error:
                    if error.code() is not grpc.StatusCode.UNAVAILABLE:
                        raise
                    refused += 1
                    continue
                took.append(time.perf_counter() - began)

        await asyncio.gather(*(sender() for _ in range(connections)))
    return took, refused


def main() -> None:
    """Makes the bodies, waits for a line on standard input, drives, prints what it measured."""
    parse = argparse.ArgumentParser()
    for name, kind in (("port", int), ("spans", int), ("connections", int), ("seconds", float)):
        parse.add_argument(f"--{name}", type=kind, required=True)
    parse.add_argument("--count", type=int, default=2000)
    parse.add_argument("--seed", type=int, default=1)
    parse.add_argument("--kind", default="protobuf")
    given = parse.parse_args()
    made = bodies(given.spans, given.count, given.seed, given.kind)
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.perf_counter()
    took, refused = asyncio.run(_drive(given.port, made, given.connections, given.seconds))
    elapsed = time.perf_counter() - began
    quantiles = np.quantile(np.array(took) * 1000, [0.5, 0.99, 0.999, 1.0])
    print(
        json.dumps(
            {
                "elapsed_s": elapsed,
                "requests": len(took),
                "ok": len(took),
                "statuses": {"OK": len(took), "UNAVAILABLE": refused},
                "retry_after": 0,
                "p50_ms": quantiles[0],
                "p99_ms": quantiles[1],
                "p999_ms": quantiles[2],
                "max_ms": quantiles[3],
            }
        )
    )


if __name__ == "__main__":
    main()
