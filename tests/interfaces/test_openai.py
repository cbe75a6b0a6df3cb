"""The OpenAI-compatible routes, tried with OpenAI's own client."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from qa.pipeline import Pipeline
from qa.reading.readers import OverlapReader
from qa.writing.generate import CheckedWriter, WriterFailed
from tests.interfaces.conftest import served
from tests.interfaces.small import HOUMA

openai = pytest.importorskip("openai")

QUESTION = "国强光伏项目审批时限减少了多少天？"
WRITTEN = "国强光伏项目审批时限比法定107个工作日减少了72天[1]。"


@pytest.fixture
def client(site_url: str) -> Iterator[Any]:
    with openai.OpenAI(base_url=f"{site_url}/v1", api_key="none", max_retries=0) as found:
        yield found


def asked(client: Any, question: str = QUESTION, **options: Any) -> Any:
    messages = [{"role": "user", "content": question}]
    return client.chat.completions.create(model="wenju", messages=messages, **options)


def test_the_answer_comes_with_its_citations_as_annotations(client: Any, site_url: str) -> None:
    (choice,) = asked(client).choices
    assert choice.finish_reason == "stop"
    assert "72" in choice.message.content
    annotation = choice.message.annotations[0]
    assert annotation.type == "url_citation"
    place = annotation.url_citation
    assert choice.message.content[place.start_index : place.end_index] == "[1]"
    citation = annotation.citation
    assert HOUMA[citation["start"] : citation["end"]] == citation["quote"]
    page = httpx.get(place.url)
    assert page.status_code == 200
    assert place.url.startswith(site_url)


def test_what_a_reader_should_know_stands_below_the_answer(client: Any) -> None:
    content = asked(client, "国强光伏项目审批时限减少了90天吗？").choices[0].message.content
    assert content.startswith("72天[1]")
    assert content.endswith("\n\n报道的说法与问题里的不同。")


def test_chunks_add_up_to_the_whole_answer(client: Any) -> None:
    whole = asked(client).choices[0].message
    chunks = list(asked(client, stream=True, stream_options={"include_usage": True}))
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert "".join(delta.content or "" for delta in deltas) == whole.content
    (given,) = [delta.annotations for delta in deltas if getattr(delta, "annotations", None)]
    assert [each["citation"]["quote"] for each in given] == [
        each.citation["quote"] for each in whole.annotations
    ]
    assert chunks[-1].usage.total_tokens > 0
    assert deltas[0].role == "assistant"


def test_the_models_are_listed(client: Any) -> None:
    assert [model.id for model in client.models.list()] == ["wenju"]
    assert client.models.retrieve("wenju").id == "wenju"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-5")


def test_history_and_parts_are_understood(client: Any) -> None:
    found = client.chat.completions.create(
        model="anything",
        temperature=0.2,
        max_tokens=100,
        messages=[
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "寿阳县从哪里引进了公司？"},
            {"role": "assistant", "content": "韩国"},
            {"role": "user", "content": [{"type": "text", "text": "总投资多少万美元？"}]},
        ],
    )
    assert "1200" in found.choices[0].message.content


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [{"role": "assistant", "content": "我说"}],
        [{"role": "user", "content": ""}],
        [{"role": "user", "content": "问" * 5000}],
        [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}],
        [{"role": "robot", "content": "x"}],
    ],
)
def test_what_cannot_be_meant_is_a_clients_error(client: Any, messages: Any) -> None:
    with pytest.raises(openai.UnprocessableEntityError) as refused:
        client.chat.completions.create(model="wenju", messages=messages)
    assert refused.value.body["code"]


@pytest.mark.parametrize(("turns", "characters"), [(60, 10), (3, 15_000), (1, 50_000)])
def test_of_a_long_history_the_last_turns_are_heard(
    client: Any, turns: int, characters: int
) -> None:
    found = client.chat.completions.create(
        model="wenju",
        messages=[
            *[{"role": "user", "content": "问" * characters}] * turns,
            {"role": "user", "content": "寿阳县从哪里引进了公司？"},
            {"role": "assistant", "content": "韩国"},
            {"role": "user", "content": "总投资多少万美元？"},
        ],
    )
    assert "1200" in found.choices[0].message.content


class Fails(OverlapReader):
    def read(self, *_: Any) -> Any:
        raise RuntimeError("secret of the server")


def test_a_failure_within_a_stream_is_an_event(real_pipeline: Pipeline, tmp_path: Path) -> None:
    pipeline = Pipeline(real_pipeline.index, Fails(), abstain_threshold=0.05)
    with (
        served(pipeline, tmp_path) as url,
        openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0) as client,
        pytest.raises(openai.APIError) as failed,
    ):
        list(asked(client, stream=True))
    assert failed.value.code == "internal"
    assert "secret" not in str(failed.value)


class Breaks:
    """Writes a true sentence, then fails."""

    name = "breaks"

    def stream(self, messages: object, *, limit_s: float) -> Iterator[str]:
        yield WRITTEN
        yield "园区去年引"
        raise WriterFailed("cut-off")


def test_a_writer_that_breaks_off_leaves_the_extractive_answer(
    real_pipeline: Pipeline, tmp_path: Path
) -> None:
    pipeline = Pipeline(
        real_pipeline.index,
        real_pipeline.reader,
        abstain_threshold=0.05,
        writer=CheckedWriter(Breaks()),
    )
    with (
        served(pipeline, tmp_path) as url,
        openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0) as client,
    ):
        whole = asked(client).choices[0].message.content
        chunks = list(asked(client, stream=True))
    content = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert content == f"{WRITTEN}\n\n{whole.replace('[1]', '[2]')}"
    (given,) = [
        chunk.choices[0].delta.annotations
        for chunk in chunks
        if getattr(chunk.choices[0].delta, "annotations", None)
    ]
    for annotation in given:
        place = annotation["url_citation"]
        mark = f"[{annotation['citation']['marker']}]"
        assert content[place["start_index"] : place["end_index"]] == mark
