"""Traces by OpenTelemetry: one message, one trace over all rooms. Off, and free, until `start`."""

import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Literal

from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from foundation.settings import RoomSettings

if TYPE_CHECKING:  # the worker has no FastAPI
    from fastapi.telemetry import TelemetryConfig

Kind = Literal["internal", "client", "consumer"]
"""What a span is: the room's own work, a call to the outside, or work that was asked for earlier."""
UNTOLD = ("url.path", "url.query")
"""They may hold names and secrets; the route's pattern says enough."""
PARENT = "traceparent"
"""W3C's header: what a room tells the next one of the trace."""
QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
TELEMETRY: "TelemetryConfig" = {
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
    "exclude": lambda scope: scope.get("path") in QUIET,
}
"""For `FastAPI(telemetry=…)`: a span for each request, once `start` was called."""

_CONTEXT = TraceContextTextMapPropagator()
"""The trace alone: what else a caller from outside says (`baggage`) goes no further."""
_NOTHING: AbstractContextManager[None] = nullcontext()
_tracer: trace.Tracer | None = None


class _Deaf(TraceContextTextMapPropagator):
    """Tells of the trace, and hears of none."""

    def extract(self, carrier: Any, context: Context | None = None, getter: object = None) -> Context:
        return context or Context()


def start(room: str, settings: RoomSettings, *, hears_strangers: bool = False) -> bool:
    """Call once, in the entry point: traces from here on, if the settings say so. True where they do.

    A room that hears strangers begins a trace with each request: nobody outside says to which one it belongs,
    or that it is to be recorded.

    All that our settings do not know is OpenTelemetry's own affair: OTEL_TRACES_SAMPLER and the like.
    """
    global _tracer
    if not settings.is_traced:
        return False
    # imported here because nobody else is to pay for it
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan, Span, SpanLimits, SpanProcessor, TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.util.re import parse_env_headers

    class Untold(SpanProcessor):
        """Masks attributes before anybody sees them."""

        def on_start(self, span: Span, parent_context: Context | None = None) -> None:
            told = span.attributes or {}
            span.set_attributes({name: "[masked]" for name in UNTOLD if name in told})

        def on_end(self, span: ReadableSpan) -> None:
            """Nothing is left to do."""

    resource = Resource.create({"service.name": f"switchboard-{room}", "service.namespace": "switchboard"})
    # an exception's text may quote what a person wrote: spans say the type alone
    provider = TracerProvider(resource=resource, span_limits=SpanLimits(max_events=0))
    provider.add_span_processor(Untold())
    shown = parse_env_headers(settings.otel_exporter_otlp_headers.get_secret_value(), liberal=True)
    exporter = OTLPSpanExporter(
        f"{settings.otel_exporter_otlp_endpoint.rstrip('/')}/v1/traces", headers=shown
    )
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    _tracer = trace.get_tracer("switchboard")
    if hears_strangers:
        propagate.set_global_textmap(_Deaf())
    _flush_at_sigterm(provider.shutdown)
    return True


def span(
    name: str, kind: Kind = "internal", parent: str | None = None, **attributes: str
) -> AbstractContextManager[None]:
    """The block as a span of the present trace, or of the one that `parent`, a traceparent, belongs to."""
    if _tracer is None:
        return _NOTHING
    return _spanned(_tracer, name, SpanKind[kind.upper()], parent, attributes)


def span_beside(name: str, kind: Kind = "internal", **attributes: str) -> AbstractContextManager[None]:
    """The block as a span that nothing else belongs to: for generators, which are left and entered again."""
    if _tracer is None:
        return _NOTHING
    return _spanned(_tracer, name, SpanKind[kind.upper()], None, attributes, is_present=False)


def headers() -> Mapping[str, str]:
    """The HTTP headers that carry the present trace to another room; none where there is no trace."""
    if _tracer is None:
        return {}
    carrier: dict[str, str] = {}
    _CONTEXT.inject(carrier)
    return carrier


def parent() -> str | None:
    """The present span as a traceparent, for what goes on elsewhere later; None where there is none."""
    return headers().get(PARENT)


def trace_id(traceparent: str | None) -> str:
    """The trace that a traceparent belongs to; "" for none."""
    return traceparent.split("-")[1] if traceparent and traceparent.count("-") == 3 else ""


def _flush_at_sigterm(flush: Callable[[], None]) -> None:
    """uvicorn serves to the end, and then dies of the signal as if it had not: nothing runs at exit."""

    def end(number: int, _: object) -> None:
        flush()
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)

    signal.signal(signal.SIGTERM, end)


@contextmanager
def _spanned(
    tracer: trace.Tracer,
    name: str,
    kind: SpanKind,
    parent: str | None,
    attributes: Mapping[str, Any],
    *,
    is_present: bool = True,
) -> Iterator[None]:
    above = _CONTEXT.extract({PARENT: parent}) if parent else None
    told = {f"switchboard.{key}": value for key, value in attributes.items()}
    begun = tracer.start_span(name, above, kind, told)
    present = trace.use_span(begun, record_exception=False, set_status_on_exception=False)
    try:
        with present if is_present else nullcontext():
            yield
    except GeneratorExit:  # nobody wants more
        raise
    except BaseException as error:
        begun.set_attribute("error.type", type(error).__name__)
        begun.set_status(StatusCode.ERROR)
        raise
    finally:
        begun.end()
