"""How the vendor refuses: a status, and an error object with type, code and the parameter that is wrong."""

from typing import Any


class OpenAIError(Exception):
    """A refusal in the vendor's words."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        param: str | None = None,
        code: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.headers = status, headers
        self.error: dict[str, Any] = {"message": message, "type": kind, "param": param, "code": code}


def wrong(param: str, message: str, code: str | None = None) -> OpenAIError:
    """A parameter that the vendor would not take."""
    return OpenAIError(400, message, param=param, code=code)


def unknown_model(name: str) -> OpenAIError:
    return OpenAIError(
        404, f"The model `{name}` does not exist or you do not have access to it.", code="model_not_found"
    )
