"""The servers the language model's tests run against speak OpenAI's protocol, read here by LangChain's own client."""

import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillWaiting
from contextlib import ExitStack
from itertools import islice

import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_openai import ChatOpenAI
from llm_server import Script, ScriptedServer

pytest_plugins = ["tiny_model"]

TEXT = "2024年，全市完成服务外包执行额568.3亿元，同比增长12.1%。"


def client(url: str, name: str = "scripted", **settings: object) -> ChatOpenAI:
    return ChatOpenAI(**({"base_url": url, "api_key": "x", "model": name, "max_retries": 0, "timeout": 10} | settings))


def said(chunks) -> list[str]:
    return [chunk.content for chunk in chunks if chunk.content]


def finish(chunks) -> list[str]:
    return [chunk.response_metadata["finish_reason"] for chunk in chunks if "finish_reason" in chunk.response_metadata]


def test_completion():
    with ScriptedServer([Script(TEXT, finish="length")]) as server:
        message = client(server.url).invoke("多少？")
    assert (message.content, message.response_metadata["finish_reason"]) == (TEXT, "length")
    assert message.usage_metadata["input_tokens"] == 3
    assert message.usage_metadata["output_tokens"] == len(TEXT)
    (request,) = server.requests
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == "Bearer x"
    assert request.body["messages"] == [{"role": "user", "content": "多少？"}]
    assert not request.closed.is_set()


def test_deltas_come_one_by_one_and_in_order():
    with ScriptedServer([Script(TEXT, size=3, delay=0.03)]) as server:
        stream = client(server.url).stream("?")
        chunks, times = zip(*((chunk, time.monotonic()) for chunk in stream), strict=True)
        assert not server.requests[0].closed.wait(0.1)
    assert said(chunks) == [TEXT[at : at + 3] for at in range(0, len(TEXT), 3)]
    assert finish(chunks) == ["stop"]
    assert times[-1] - times[1] > 0.03 * len(said(chunks)) / 2  # not all at once
    assert not any(chunk.usage_metadata for chunk in chunks)


def test_usage_of_a_stream_comes_where_it_is_asked_for():
    with ScriptedServer([Script(TEXT)]) as server:
        *_, usage = [
            chunk.usage_metadata for chunk in client(server.url, stream_usage=True).stream("?") if chunk.usage_metadata
        ]
    assert (usage["input_tokens"], usage["output_tokens"]) == (1, len(TEXT))


@pytest.fixture(scope="module")
def obedient():
    """A client of a server that is asked in JSON for the script it shall follow."""
    with ScriptedServer([lambda body: Script(**json.loads(body["messages"][0]["content"]))]) as server:
        yield client(server.url)


@settings(max_examples=20, deadline=None)
@given(text=st.text(max_size=60), size=st.integers(1, 9))
def test_any_text_arrives_as_it_was_written(obedient, text, size):
    asked = json.dumps({"text": text, "size": size})
    assert "".join(said(obedient.stream(asked))) == obedient.invoke(asked).content == text


def test_models():
    with ScriptedServer([Script()], models=["a", "b"]) as server:
        assert [model.id for model in client(server.url).root_client.models.list()] == ["a", "b"]
    assert [request.path for request in server.requests] == ["/v1/models"]


def test_a_busy_server_is_asked_again_after_the_time_it_names():
    with ScriptedServer([Script(status=429, headers={"Retry-After": "1.2"}), Script(TEXT)]) as server:
        start = time.monotonic()
        assert "".join(said(client(server.url, max_retries=1).stream("?"))) == TEXT
    assert time.monotonic() - start >= 1.2  # by itself the client would have waited for half a second
    assert [request.headers["x-stainless-retry-count"] for request in server.requests] == ["0", "1"]


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, openai.BadRequestError, "context_length_exceeded"),
        (401, openai.AuthenticationError, "invalid_api_key"),
        (404, openai.NotFoundError, "model_not_found"),
        (429, openai.RateLimitError, "rate_limit_exceeded"),
        (500, openai.InternalServerError, "server_error"),
    ],
)
def test_errors(status, kind, code, streamed):
    with ScriptedServer([Script(status=status)]) as server, pytest.raises(kind) as caught:
        list(client(server.url).stream("?")) if streamed else client(server.url).invoke("?")
    assert (caught.value.status_code, caught.value.code) == (status, code)


def test_a_stream_closed_early_is_seen():
    with ScriptedServer([Script(TEXT, delay=0.02, endless=True)]) as server:
        stream = client(server.url).stream("?")
        assert "".join(said(islice(stream, 25))).startswith(TEXT * 2)
        assert not server.requests[0].closed.is_set()
        stream.close()
        assert server.requests[0].closed.wait(5)


def test_a_client_that_gave_up_waiting_is_seen():
    with ScriptedServer([Script(first_delay=30), Script(TEXT)]) as server:
        with pytest.raises(openai.APITimeoutError):
            client(server.url, timeout=0.2).invoke("?")
        assert server.requests[0].closed.wait(5)
        assert client(server.url).invoke("?").content == TEXT
    assert [request.closed.is_set() for request in server.requests] == [True, False]


@pytest.mark.parametrize(("broken", "kind"), [("cut", openai.APIConnectionError), ("garbage", json.JSONDecodeError)])
def test_a_broken_stream_raises_halfway(broken, kind):
    got = []
    with ScriptedServer([Script(TEXT, broken=broken)]) as server:
        with pytest.raises(kind):
            got.extend(client(server.url).stream("?"))  # keeps what came before
        with pytest.raises(kind):
            client(server.url).invoke("?")
    assert TEXT.startswith("".join(said(got)))
    assert len(TEXT) / 4 < len("".join(said(got))) < len(TEXT) * 3 / 4


def test_a_stream_may_end_without_saying_so():
    with ScriptedServer([Script(TEXT, broken="no_done"), Script(TEXT, broken="no_done", finish="")]) as server:
        told, untold = (list(client(server.url).stream("?")) for _ in range(2))
    assert "".join(said(told)) == "".join(said(untold)) == TEXT
    assert (finish(told), finish(untold)) == (["stop"], [])


@pytest.mark.parametrize(("broken", "last"), [("", True), ("no_done", False)])
def test_the_last_line(broken, last):
    asked = {"model": "m", "messages": [{"role": "user", "content": "?"}], "stream": True}
    with ScriptedServer([Script(TEXT, broken=broken)]) as server:
        completions = client(server.url).root_client.chat.completions
        with completions.with_streaming_response.create(**asked) as response:
            lines = [line for line in response.iter_lines() if line]
    assert (lines[-1] == "data: [DONE]") == last
    assert all(json.loads(line.removeprefix("data: "))["model"] == "m" for line in lines[: -1 if last else None])


def test_nothing_said():
    with ScriptedServer([Script("")]) as server:
        assert client(server.url).invoke("?").content == ""
        assert finish(client(server.url).stream("?")) == ["stop"]
    with ScriptedServer([Script(empty=True)]) as server, pytest.raises(ValueError, match="No generation chunks"):
        list(client(server.url).stream("?"))


def test_a_refusal_is_no_answer():
    with ScriptedServer([Script(TEXT, refusal="不便回答")]) as server:
        message = client(server.url).invoke("?")
        assert (message.content, message.additional_kwargs["refusal"]) == ("", "不便回答")
        stream = client(server.url).root_client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "?"}], stream=True
        )
        deltas = [chunk.choices[0].delta for chunk in stream]
    assert "".join(delta.refusal or "" for delta in deltas) == "不便回答"
    assert not any(delta.content for delta in deltas)


def test_pings_keep_a_connection_alive_without_a_word():
    async def first(url):
        return await anext(client(url, timeout=0.3, stream_chunk_timeout=None).astream("?"))

    with ScriptedServer([Script(pings=True)]) as server:
        start = time.monotonic()
        with pytest.raises(TimeoutError):  # of the waiting; the client's own, a third of it, never came
            asyncio.run(asyncio.wait_for(first(server.url), 1))
        assert time.monotonic() - start >= 1
        assert server.requests[0].closed.wait(5)


def test_leaving_ends_every_reply():
    scripts = [Script(endless=True), Script(pings=True), Script(first_delay=60)]
    with ExitStack() as stack, ThreadPoolExecutor() as pool:
        server = stack.enter_context(ScriptedServer(scripts))
        unread = client(server.url).stream("?")
        next(unread)  # and no more: the connection fills up
        waiting = [pool.submit(next, client(server.url).stream("?")), pool.submit(client(server.url).invoke, "?")]
        while len(server.requests) < len(scripts):
            time.sleep(0.01)
        start = time.monotonic()
        stack.close()
        assert time.monotonic() - start < 3
        for future in waiting:
            assert isinstance(future.exception(5), openai.APIConnectionError)
        unread.close()
    assert not any(request.closed.is_set() for request in server.requests)


def test_an_answer_may_depend_on_the_request():
    def answer(body):
        return Script(body["messages"][-1]["content"][::-1])

    with ScriptedServer([Script(TEXT), answer]) as server:
        assert [client(server.url).invoke(asked).content for asked in ("一二", "三四", "五六")] == [
            TEXT,
            "四三",
            "六五",
        ]


def test_what_a_script_raises_is_raised_where_the_server_is_left():
    def answer(body):
        assert body["messages"] == [], "no passage was sent"

    def ask():
        with ScriptedServer([answer]) as server:
            client(server.url).invoke("?")

    with pytest.raises(AssertionError, match="no passage was sent"):
        ask()


def test_the_tiny_model_generates(tiny_model_url):
    model = client(tiny_model_url, "tiny", max_tokens=40)
    once, again, other = (list(model.stream("你好", seed=seed)) for seed in (1, 1, 2))
    assert len(said(once)) == len("".join(said(once))) == 40  # one character each
    assert said(once) == said(again) != said(other)
    assert finish(once) == ["length"]
    assert [chunk.usage_metadata["output_tokens"] for chunk in once if chunk.usage_metadata] == [40]
    assert len(model.invoke("你好").content) == 40


def test_the_tiny_model_stops_when_its_reader_leaves(tiny_model_url):
    stream = client(tiny_model_url, "tiny", max_tokens=100_000).stream("你好")  # minutes of work
    with ThreadPoolExecutor() as pool:
        try:
            assert len(said(islice(stream, 10))) >= 5
            queued = pool.submit(client(tiny_model_url, "tiny", max_tokens=2).invoke, "你好")
            with pytest.raises(StillWaiting):
                queued.result(1)
        finally:
            stream.close()
        assert len(queued.result(5).content) == 2


def test_the_tiny_model_is_the_only_one(tiny_model_url):
    with pytest.raises(openai.BadRequestError):
        client(tiny_model_url, "other").invoke("你好")
