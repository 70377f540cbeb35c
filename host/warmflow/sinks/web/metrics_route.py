"""`/metrics`: samples in Prometheus' text format, made when somebody asks. The daemon's parts count for themselves."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

FAMILIES = {"counter": CounterMetricFamily, "gauge": GaugeMetricFamily}


class Kind(NamedTuple):
    """What a metric is: "counter", "gauge", and the names of its labels."""

    type: str
    help: str
    labels: tuple[str, ...] = ()


class Sample(NamedTuple):
    """One value of a metric."""

    name: str
    value: float
    labels: tuple[str, ...] = ()


class Histogram(NamedTuple):
    """Counts up to each limit, ready made."""

    name: str
    help: str
    limits: Sequence[float]
    counts: Sequence[int]
    total: float


Taken = Sample | Histogram
Take = Callable[[], Awaitable[list[Taken]]]


def metrics_route(kinds: Mapping[str, Kind], take: Take) -> Route:
    """GET /metrics. `take` reads all counters, once for each request."""

    async def metrics(request: Request) -> Response:
        taken = await take()
        # in a thread: the text of 100 pumps takes longer than an alarm may wait
        text = await asyncio.to_thread(exposition, kinds, taken)
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    return Route("/metrics", metrics)


def exposition(kinds: Mapping[str, Kind], taken: Iterable[Taken]) -> bytes:
    """The text. Raises KeyError for a sample that `kinds` does not know."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Once(list(_families(kinds, taken))))
    return generate_latest(registry)


def _families(kinds: Mapping[str, Kind], taken: Iterable[Taken]) -> Iterator[Metric]:
    families: dict[str, CounterMetricFamily | GaugeMetricFamily] = {}
    for each in taken:
        if isinstance(each, Histogram):
            yield _histogram(each)
            continue
        kind = kinds[each.name]
        if each.name not in families:
            families[each.name] = FAMILIES[kind.type](each.name, kind.help, labels=kind.labels)
        families[each.name].add_metric(list(each.labels), each.value)
    yield from families.values()


def _histogram(each: Histogram) -> Metric:
    sums = [sum(each.counts[: index + 1]) for index in range(len(each.counts))]
    buckets = [*((str(limit), count) for limit, count in zip(each.limits, sums, strict=False)), ("+Inf", sums[-1])]
    return HistogramMetricFamily(each.name, each.help, buckets=buckets, sum_value=each.total)


class _Once(Collector):
    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families
