"""The step of a request that concerns pages of other sites: a bucket's CORS rules, looked up and put into headers."""

from __future__ import annotations

from dataclasses import dataclass

from colonnade.access import cors
from colonnade.backend import Backend
from colonnade.errors import S3Error
from colonnade.wire.address import Target
from colonnade.wire.render import Response
from colonnade.wire.request import Request

_EMPTY = (b"content-length", b"0")


@dataclass(frozen=True, slots=True)
class CrossOrigin:
    """`fallback` is the origin whose pages may use what is in buckets without a CORS configuration, None for none."""

    backend: Backend
    fallback: str | None = None

    async def preflight(self, request: Request, target: Target) -> Response:
        """What a browser is told that asks whether a page may send a request. Raises BadRequest, AccessForbidden."""
        rules = None
        try:
            rules = await self._rules(target)
        except S3Error as error:
            if error.code != "NoSuchBucket":
                raise
            if self.fallback is None:
                method = request.headers.get("access-control-request-method")
                raise cors.bucket_not_found(method, target.level) from None
        lines = cors.preflight(rules, self.fallback, request.headers, target.level)
        return Response(204, lines, b"") if rules is None else Response(200, [*lines, _EMPTY], b"")

    async def headers(self, request: Request, target: Target) -> cors.Lines:
        """The headers beside the answer to a request with an Origin; none if the rules can't be had."""
        try:
            rules = await self._rules(target)
        except S3Error as error:
            if error.code != "NoSuchBucket":
                return []
            rules = None
        return cors.actual(rules, self.fallback, request.headers["origin"], request.method)

    async def _rules(self, target: Target) -> cors.Rules | None:
        """A bucket's rules, None where it has none. Raises S3Error."""
        if target.bucket is None:
            return None
        try:
            answer = await self.backend.call("GetBucketCors", {"Bucket": target.bucket})
        except S3Error as error:
            if error.code in ("NoSuchCORSConfiguration", "NotImplemented"):
                return None
            raise
        rules: cors.Rules = answer["CORSRules"]
        return rules
