"""Where a function's code comes from: `build/NAME`, as the bundler left it."""

from pathlib import Path

from aws_cdk import Aws, CfnRule, CfnRuleAssertion, Fn, Stack
from aws_cdk import aws_lambda as lambda_

from infra.bundle.build import LAYER_FOLDER

PLACEHOLDER = Path(__file__).parent / "placeholder"


class NotBuilt(Exception):
    """The message says what to do."""


class Code:
    """What is shipped. Without `build` templates can be made and looked at, and CloudFormation refuses them."""

    def __init__(self, build: Path | None) -> None:
        self._build = build

    def of(self, name: str) -> lambda_.Code:
        """A function's bundle. Raises: NotBuilt."""
        return self._asset(name)

    def of_layer(self, name: str) -> lambda_.Code:
        """Raises: NotBuilt."""
        return self._asset(f"{LAYER_FOLDER}/{name}")

    def _asset(self, name: str) -> lambda_.Code:
        if self._build is None:
            return lambda_.Code.from_asset(str(PLACEHOLDER))
        folder = self._build / name
        if not folder.is_dir():
            raise NotBuilt(
                f"There is no {folder}: run `make build`, or synthesize with build=none to look at templates"
            )
        return lambda_.Code.from_asset(str(folder))

    def guard(self, stack: Stack) -> None:
        """Keeps a template without code from being deployed."""
        if self._build is None:
            CfnRule(
                stack,
                "HasCode",
                assertions=[
                    CfnRuleAssertion(
                        assert_=Fn.condition_equals(Aws.ACCOUNT_ID, "has no code"),
                        assert_description="This template was made without the functions' code: run make build",
                    )
                ],
            )
