"""What a person is told beside an answer, for each of its codes."""

from __future__ import annotations

from qa.schema import Answer

# Code → in Chinese, in English. Codes that are not here are for programs.
NOTES = {
    "articles-disagree": ("几篇报道的说法不一致。", "The articles do not agree."),
    "premise-differs": (
        "报道的说法与问题里的不同。",
        "The articles say otherwise than the question assumes.",
    ),
    "partly-answered": (
        "只答了一部分，其余的报道没有说。",
        "Only a part is answered; of the rest the articles say nothing.",
    ),
    "generated": (
        "由语言模型组句，逐句核对过。",
        "Written by a language model, every sentence checked.",
    ),
}


def notes_of(answer: Answer, *, chinese: bool) -> list[str]:
    return [NOTES[code][0 if chinese else 1] for code in answer.notes if code in NOTES]
