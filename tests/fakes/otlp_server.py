"""An OTLP/HTTP collector: takes spans as the real ones do, in protobuf, and keeps them."""

import gzip
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from tests.fakes.http_server import PlatformServer


@dataclass(frozen=True)
class Span:
    """One span as the collector got it."""

    service: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str
    attributes: dict[str, str]


class OtlpServer(PlatformServer):
    """Keeps every span."""

    def __init__(self) -> None:
        super().__init__()
        self.spans: list[Span] = []
        self.bodies: list[bytes] = []
        self.shown: list[str] = []
        """The api-key header of each request."""

        @self.app.post("/v1/traces")
        async def take(request: Request) -> Response:
            body = await request.body()
            if request.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            self.shown.append(request.headers.get("api-key", ""))
            self._keep(body)
            told = ExportTraceServiceResponse().SerializeToString()
            return Response(told, media_type="application/x-protobuf")

    def trace_of(self, key: str, value: str) -> list[Span]:
        """All spans of the traces in which a span has this attribute."""
        ids = {span.trace_id for span in self.spans if span.attributes.get(key) == value}
        return [span for span in self.spans if span.trace_id in ids]

    def _keep(self, body: bytes) -> None:
        self.bodies.append(body)
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            service = _attributes(resource.resource.attributes)["service.name"]
            for scope in resource.scope_spans:
                self.spans += [_span(service, span) for span in scope.spans]


def _span(service: str, span: Any) -> Span:
    ids = (span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex())
    return Span(service, span.name, *ids, _attributes(span.attributes))


def _attributes(pairs: Any) -> dict[str, str]:
    return {pair.key: str(getattr(pair.value, pair.value.WhichOneof("value") or "")) for pair in pairs}
