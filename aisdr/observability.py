"""One logger for all functions: JSON lines with fields, never a token, a whole event or what a visitor said."""

from aws_lambda_powertools import Logger

logger = Logger(service="aisdr", serialize_stacktrace=False)
