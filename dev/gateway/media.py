"""Company media: the objects of the S3 bucket under `/media`, as CloudFront serves them on AWS."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from dev.gateway.signed import PRIVATE, Gate

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PART_BYTES = 256 * 1024
# What a company uploads is shown, never run: a document cannot bring scripts to our address.
DOCUMENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'"
DOCUMENT_TYPES = ("text/html", "application/xhtml+xml", "image/svg+xml", "text/xml", "application/xml")
ALWAYS = {
    "x-content-type-options": "nosniff",
    "access-control-allow-origin": "*",  # captions of a clip are fetched by the page that embeds the widget
    "accept-ranges": "bytes",
    "cache-control": "no-cache",
}


class Media:
    """One bucket. A key is `{companyId}/{path}`, and behind the gate `_private/{companyId}/{path}`."""

    def __init__(self, s3: "S3Client", bucket: str, gate: Gate | None = None) -> None:
        self.s3 = s3
        self.bucket = bucket
        self.gate = gate or Gate("", {})

    async def serve(self, request: Request) -> Response:
        if request.scope["path"].startswith(PRIVATE):
            refusal = self.gate.refusal(request.scope["raw_path"].decode("ascii"), request.url.query)
            if refusal is not None:
                return PlainTextResponse(refusal, status_code=403, headers=ALWAYS)
        key = f"{request.path_params['company_id']}/{request.path_params['path']}"
        return await run_in_threadpool(self._answer, key, request.headers)

    def _answer(self, key: str, asked: Any) -> Response:
        conditions = {"Range": asked.get("range"), "IfNoneMatch": asked.get("if-none-match")}
        given: Any = {name: value for name, value in conditions.items() if value}
        try:
            found = self.s3.get_object(Bucket=self.bucket, Key=key, **given)
        except ClientError as error:
            return _refusal(error)
        partial = "ContentRange" in found
        kind = found.get("ContentType", "application/octet-stream")
        headers = ALWAYS | {"etag": found["ETag"], "content-length": str(found["ContentLength"]), "content-type": kind}
        if partial:
            headers["content-range"] = found["ContentRange"]
        if kind.partition(";")[0].strip().lower() in DOCUMENT_TYPES:
            headers["content-security-policy"] = DOCUMENT_POLICY
        return StreamingResponse(_parts(found["Body"]), status_code=206 if partial else 200, headers=headers)


def _parts(body: Any) -> Iterator[bytes]:
    try:
        yield from body.iter_chunks(PART_BYTES)
    finally:
        body.close()  # a visitor who seeks in a clip leaves in the middle


def _refusal(error: ClientError) -> Response:
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    if status == 304:
        return Response(status_code=304, headers=ALWAYS)
    if status == 416:
        return PlainTextResponse("This range is outside the file.", status_code=416, headers=ALWAYS)
    if status in (400, 403, 404):
        return PlainTextResponse("There is no such file.", status_code=404, headers=ALWAYS)
    raise error
