"""The layers: packages that functions load when they search, stored once for all of them."""

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from functions import FUNCTIONS, Function
from infra.code import Code
from infra.environment import Environment

ARCHITECTURES = {"arm64": lambda_.Architecture.ARM_64, "x86_64": lambda_.Architecture.X86_64}


class Layers(Construct):
    """A deployment whose embedder is a vendor's leaves the model of `minilm` out."""

    def __init__(self, scope: Construct, environment: Environment, code: Code) -> None:
        super().__init__(scope, "Layers")
        wanted = dict.fromkeys(name for function in FUNCTIONS for name in function.layers)
        self._made = {
            name: lambda_.LayerVersion(
                self,
                name.capitalize(),
                layer_version_name=environment.named(name),
                description="AI SDR: packages that are loaded for the first search",
                code=code.of_layer(name),
                compatible_architectures=[ARCHITECTURES[environment.architecture]],
                compatible_runtimes=[lambda_.Runtime.PYTHON_3_13],
            )
            for name in wanted
            if name != "minilm" or environment.vendors.embedder == "minilm"
        }

    def of(self, function: Function) -> list[lambda_.ILayerVersion]:
        return [self._made[name] for name in function.layers if name in self._made]
