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
    "pyyaml": "huggingface-hub",
    "tqdm": "huggingface-hub",
    "truststore": "huggingface-hub",
}
"""Package → who would need it. `tests/infra/test_bundle.py` runs every function without them."""

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

TRASH_FOLDERS = frozenset({"__pycache__", "tests", "bin", "examples"})
TRASH_ENDINGS = (".pyi", ".pyx", ".pxd", ".c", ".h", ".hpp", ".cpp", ".md", ".rst", ".typed", ".a")
KEPT_OF_METADATA = frozenset({"METADATA", "entry_points.txt"})
"""Libraries look up versions and plug-ins; the rest of a `.dist-info` tells the installer about itself."""
