"""`python -m sample_data.recorder STORY`: records a story and rewrites its captures and figures."""

import argparse
import dataclasses
import json
import os
from pathlib import Path

from . import readme
from .captures import write_delimited, write_lines
from .expected import expected_of
from .recording import SAMPLE_DATA, load_story, record

NODE_MODULES = Path(__file__).parent / "node" / "node_modules"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("story", help="a folder of sample_data, such as order-saga")
    parser.add_argument("--node-modules", type=Path, default=NODE_MODULES)
    options = parser.parse_args()
    # The recorder's own boto3 clients need credentials of some sort; moto takes any.
    os.environ |= {"AWS_ACCESS_KEY_ID": "recording", "AWS_SECRET_ACCESS_KEY": "recording"}
    story = load_story(options.story)
    recording = record(options.story, options.node_modules.resolve())
    folder = SAMPLE_DATA / options.story
    for signal, bodies in recording.exports.items():
        write_delimited(folder / f"{signal}.otlp.pb.gz", bodies)
    write_lines(folder / "telemetry-api.jsonl.gz", recording.telemetry_api)
    expected = expected_of(options.story, story, recording)
    (folder / "expected.json").write_text(expected.to_json())
    readme.update(folder / "README.md", expected.figures)
    print(json.dumps(dataclasses.asdict(expected.figures), indent=2))


if __name__ == "__main__":
    main()
