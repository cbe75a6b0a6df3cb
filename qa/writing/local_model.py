"""A transformers model in a folder as the writer. Nothing is fetched, no code of its is run."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from queue import Empty
from typing import Any

from index.errors import ModelUnavailable
from qa.writing.generate import WriterFailed
from qa.writing.prompting import Message

MAX_NEW_TOKENS = 400


class LocalModel:
    """Writes with a causal language model; one question at a time."""

    def __init__(self, folder: str | Path) -> None:
        """Raises: ModelUnavailable: no model of safetensors there."""
        from transformers import AutoModelForCausalLM, AutoTokenizer

        path = Path(folder)
        if not (path / "config.json").is_file():
            raise ModelUnavailable(str(folder), "no folder with a config.json")
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(path, local_files_only=True)
            self._model: Any = AutoModelForCausalLM.from_pretrained(
                path, local_files_only=True, use_safetensors=True
            ).eval()
        except (OSError, ValueError) as error:
            raise ModelUnavailable(str(folder), str(error).splitlines()[0]) from error
        self.name = path.name
        self._busy = threading.Lock()

    def stream(self, messages: Sequence[Message], *, limit_s: float) -> Iterator[str]:
        from transformers import TextIteratorStreamer

        deadline = time.monotonic() + limit_s
        if not self._busy.acquire(timeout=limit_s):
            raise WriterFailed("busy")
        over = threading.Event()
        # the queue's time-out is the longest wait for one token
        streamer = TextIteratorStreamer(
            self._tokenizer, skip_prompt=True, skip_special_tokens=True, timeout=limit_s
        )
        failed: list[Exception] = []

        def run() -> None:
            try:
                self._generate(messages, streamer, deadline, over)
            except Exception as error:  # told to the reader as one thing
                failed.append(error)
                streamer.end()
            finally:
                self._busy.release()

        threading.Thread(target=run, name="wenju-writer", daemon=True).start()
        try:
            for piece in streamer:
                if time.monotonic() > deadline:
                    raise WriterFailed("timeout")
                yield str(piece)
        except Empty:
            raise WriterFailed("timeout") from None
        finally:
            over.set()
        if failed:
            raise WriterFailed("failed")

    def _generate(
        self, messages: Sequence[Message], streamer: Any, deadline: float, over: threading.Event
    ) -> None:
        from transformers import StoppingCriteria, StoppingCriteriaList

        class Stop(StoppingCriteria):
            def __call__(self, input_ids: Any, scores: Any, **_: Any) -> Any:  # noqa: ARG002
                import torch

                done = over.is_set() or time.monotonic() > deadline
                return torch.full((input_ids.shape[0],), done, dtype=torch.bool)

        inputs = self._tokenizer(self._prompt(messages), return_tensors="pt")
        self._model.generate(
            **inputs,
            max_new_tokens=MAX_NEW_TOKENS,
            do_sample=False,
            streamer=streamer,
            stopping_criteria=StoppingCriteriaList([Stop()]),
        )

    def _prompt(self, messages: Sequence[Message]) -> str:
        turns = [{"role": each.role, "content": each.content} for each in messages]
        if self._tokenizer.chat_template:
            return str(
                self._tokenizer.apply_chat_template(
                    turns, tokenize=False, add_generation_prompt=True
                )
            )
        return "\n\n".join(each.content for each in messages) + "\n\n"
