"""Halves of characters: what UTF-16 writes in two units may come in two pieces, or one of them alone."""


def whole(text: str) -> str:
    """Joins the halves of surrogate pairs that stand together; a lone half becomes the replacement character."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
