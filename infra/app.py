"""`python -m infra.app`: makes the templates of one environment, and fails when a rule of cdk-nag is broken.

The command line tool runs it as well (`cdk.json`) and hands over as context what is an option here.
"""

import argparse
import json
import os
import sys

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from infra import ROOT
from infra.code import Code, NotBuilt
from infra.environment import Unusable, file_of, load
from infra.stage import AisdrStage

NO_CODE = "none"


def synthesize(environment: str, build: str, output: str | None = None, distribution: str | None = None) -> None:
    """Writes an environment's templates and the list of what is to be uploaded.

    Args:
        environment: name of a file in `environments/`, or a path to one.
        build: folder with the functions' code; `none` makes templates that CloudFormation refuses.
        output: folder; the command line tool's own choice otherwise.
        distribution: where visitors find us, for an environment that does not say so.

    Raises:
        Unusable: the environment's file.
        NotBuilt: there is no code.
    """
    chosen = load(file_of(environment)).found_at(distribution)
    code = Code(None if build == NO_CODE else ROOT / build)
    context = json.loads((ROOT / "cdk.json").read_text("utf-8"))["context"]
    # Without stack traces, which name temporary folders, two runs are alike byte for byte.
    app = cdk.App(analytics_reporting=False, stack_traces=False, context=context, outdir=output)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))
    AisdrStage(app, chosen, code)
    app.synth()


def main() -> int:
    handed_over = json.loads(os.environ.get("CDK_CONTEXT_JSON", "{}"))
    parser = argparse.ArgumentParser(prog="python -m infra.app", description=__doc__)
    parser.add_argument("--environment", default=handed_over.get("environment", "dev"))
    parser.add_argument("--build", default=handed_over.get("build", "build"))
    parser.add_argument("--output", default=os.environ.get("CDK_OUTDIR"))
    parser.add_argument("--distribution", default=handed_over.get("distribution"))
    given = parser.parse_args()
    try:
        synthesize(given.environment, given.build, given.output, given.distribution)
    except (Unusable, NotBuilt) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
