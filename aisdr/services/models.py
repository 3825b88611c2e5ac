"""Language models and embedders, by the names that companies and operators give them."""

from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from aisdr.errors import InvalidInput
from aisdr.services.stores import Stores

if TYPE_CHECKING:
    from aisdr.configuration import ModelChoice
    from aisdr.inference.base import Embedder, LanguageModel, PictureEmbedder
    from aisdr.memory import Memory
    from aisdr.models import CompanyModels


class Models(Stores):
    """Who answers, who remembers, and who makes vectors."""

    @cache  # noqa: B019 - one Services lives as long as its process
    def model(self, choice: "ModelChoice") -> "LanguageModel":
        """The language model of a choice."""
        match choice.provider:
            case "extractive":
                from aisdr.inference.extractive import Extractive

                return Extractive()
            case "openai":
                from aisdr.inference.openai import OpenAi

                return OpenAi(
                    self.settings.openai_base_url,
                    self.settings.openai_api_key,
                    choice.model,
                    options=_sampling(choice),
                )
            case "bedrock":
                from aisdr.inference.bedrock import CLIENT_CONFIG, Bedrock

                client: Any = self._session.create_client("bedrock-runtime", config=CLIENT_CONFIG)
                return Bedrock(client, choice.model, options=_sampling(choice))

    @cached_property
    def models(self) -> "CompanyModels":
        from aisdr.models import CompanyModels

        return CompanyModels(self.model, self.usages)

    @cached_property
    def memory(self) -> "Memory":
        from aisdr.memory import Memory

        return Memory(self.transcripts, self.conversations, self.models)

    @cache  # noqa: B019 - one Services lives as long as its process
    def embedder(self, name: str) -> "Embedder":
        """Raises: InvalidInput, NotConfigured."""
        match name.partition(":"):
            case "minilm", "", "":
                from aisdr.inference.minilm import MiniLM

                return MiniLM()
            case "e5", "", "":
                from aisdr.inference.e5 import E5

                return E5()
            case "openai", ":", model if model:
                from aisdr.inference.openai_embed import OpenAiEmbedder

                return OpenAiEmbedder(self.settings.openai_base_url, self.settings.openai_api_key, model)
            case "bedrock", ":", model if model:
                from aisdr.inference.bedrock_embed import BedrockEmbedder

                return BedrockEmbedder(self._bedrock_for_questions, self._bedrock_for_material, model)
            case _:
                raise InvalidInput(f"There is no embedder '{name}': minilm, e5, bedrock:MODEL or openai:MODEL")

    @cache  # noqa: B019 - one Services lives as long as its process
    def picture_embedder(self, name: str) -> "PictureEmbedder | None":
        """None for the empty name. Raises: InvalidInput, NotConfigured."""
        match name.partition(":"):
            case "", "", "":
                return None
            case "bedrock", ":", model if model:
                from aisdr.inference.bedrock_pictures import BedrockPictures

                return BedrockPictures(self._bedrock_for_questions, self._bedrock_for_material, model)
            case _:
                raise InvalidInput(f"There is no picture embedder '{name}': bedrock:MODEL of a multimodal model")

    @cached_property
    def _bedrock_for_questions(self) -> Any:
        """Somebody waits for it."""
        from aisdr.inference.bedrock_invoke import QUESTION_CONFIG

        return self._session.create_client("bedrock-runtime", config=QUESTION_CONFIG)

    @cached_property
    def _bedrock_for_material(self) -> Any:
        """For what is ingested, where a throttled request may wait."""
        from aisdr.inference.bedrock_invoke import PASSAGES_CONFIG

        return self._session.create_client("bedrock-runtime", config=PASSAGES_CONFIG)


def _sampling(choice: "ModelChoice") -> dict[str, float]:
    """Only what the operator set: newer models refuse sampling settings."""
    return {} if choice.temperature is None else {"temperature": choice.temperature}
