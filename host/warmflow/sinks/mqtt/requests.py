"""Requests over MQTT: who is answered, where, and what is refused before the dispatcher sees it. Publishes nothing."""

import asyncio

import aiomqtt

from warmflow.api.requests.dispatch import Answer, RequestDispatcher
from warmflow.api.topic_names import TopicError, TopicName, level_fault
from warmflow.api.topics import path, stem
from warmflow.sinks.mqtt.news import AnswerQueue, Reply
from warmflow.sinks.mqtt.options import PublisherOptions

RETAINED = (
    "retained requests are refused, because they would be carried out again at every connect; "
    "publish it without the retain flag, and remove it with an empty retained message"
)
FOREIGN = (
    "the response topic is not allowed; use one outside {base}/ and {prefix}/, without wildcards, of at most 128 levels"
)
AT_ONCE_MAX = 200
NAME_MAX = 200
UNKNOWN = "unknown"


class Requests:
    """Feed it each message of a request; answers go to `queue`."""

    def __init__(self, base: str, contract: PublisherOptions, queue: AnswerQueue) -> None:
        self._base, self._contract, self._queue = base, contract, queue
        self._answers: RequestDispatcher | None = contract.answers
        self._tasks: set[asyncio.Task[None]] = set()

    def on_request(self, kind: str, payload: bytes, message: aiomqtt.Message) -> None:
        """One request, of whatever kind."""
        if (message.retain and not payload) or self._answers is None:  # somebody takes a retained request away
            return
        topic, refusal = self._where(kind, getattr(message.properties, "ResponseTopic", None))
        if message.retain:
            refusal = RETAINED
        if len(self._tasks) >= AT_ONCE_MAX:
            refusal = f"busy: {AT_ONCE_MAX} requests wait"
        correlation = getattr(message.properties, "CorrelationData", None)
        work = self._answer(self._answers, kind, payload, refusal, topic, correlation)
        task = asyncio.create_task(work, name=f"request {kind[:NAME_MAX]}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _where(self, kind: str, asked_for: str | None) -> tuple[TopicName, str]:
        """Where the answer goes, and why the request is refused; "" if it is not."""
        name = UNKNOWN if len(kind) > NAME_MAX or level_fault(kind) else kind
        own = path("response", self._base, name=name)
        if asked_for is None:
            return own, ""
        ours = asked_for.startswith((f"{self._base}/", f"{self._contract.prefix}/"))
        try:
            topic = TopicName(asked_for)
        except TopicError:
            return own, FOREIGN.format(base=self._base, prefix=self._contract.prefix)
        if ours and not asked_for.startswith(stem("response", self._base)):
            return own, FOREIGN.format(base=self._base, prefix=self._contract.prefix)
        return topic, ""

    async def _answer(
        self,
        answers: RequestDispatcher,
        kind: str,
        payload: bytes,
        refusal: str,
        topic: TopicName,
        correlation: bytes | None,
    ) -> None:
        try:
            answer = (
                answers.refuse(kind, payload, refusal)
                if refusal
                else await answers.answer(kind, payload, allowed=self._contract.commands)
            )
        except Exception as error:  # ours, not theirs; they get an answer all the same
            answer = failed(error)
        self._queue.enqueue(Reply(topic, answer, correlation))


def failed(error: Exception) -> Answer:
    return {"status": "error", "error": f"the daemon failed at it: {error!r}"}
