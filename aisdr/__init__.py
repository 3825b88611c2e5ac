"""The AI sales representative: one package, shipped to every Lambda function."""

import os

# A second BLAS thread makes the small matrices of our search slower as soon as anybody else uses the machine. OpenBLAS
# reads this when numpy is first imported, and this is the one place that always runs before.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
