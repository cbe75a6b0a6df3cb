from __future__ import annotations

import json
from pathlib import Path

import pytest

from index.schema import Hit, Passage, Span
from qa.abstain import (
    FEATURES,
    Decision,
    features,
    load_decision,
    logit,
    names_said,
    said,
    sigmoid,
)
from qa.asking.question import analyse
from qa.reading.coverage import fold_aligned
from qa.schema import Candidate, Reading

ARTICLE = fold_aligned("介休开发区2023年办结审批事项415件。")
DECISIONS = sorted((Path(__file__).parents[2] / "qa/models/decision").glob("*.json"))


def values(question: str, text: str, words: str) -> dict[str, float]:
    """Of the features, for these words of a passage that is the whole article."""
    passage = Passage("a:0", "a", Span(0, len(text)), text, "")
    start = text.index(words)
    candidate = Candidate(Span(start, start + len(words)), 0.9)
    asked, folded = analyse(question), fold_aligned(text)
    row = features(
        asked,
        [Hit(passage, 0.9, 0.9, 1.0)],
        0,
        Reading(passage, 0.9, (candidate,)),
        candidate,
        said(asked, folded, folded),
    )
    return dict(zip(FEATURES, row, strict=True))


@pytest.mark.parametrize(
    ("question", "numbers", "names"),
    [
        ("介休2023年办结多少件", 0.0, 0.0),
        ("介休2021年办结多少件", 1.0, 0.0),  # another year
        ("平遥2023年办结多少件", 0.0, 1.0),  # another place
        ("平遥和介休办结多少件", 0.0, 0.5),
        ("How many items did Jiexiu settle in 2023?", 0.0, 0.0),
        ("How many items did Pingyao settle in 2021?", 1.0, 1.0),
        ("How many items did the Foundation settle in Fukuoka?", 0.0, 0.0),  # no places of ours
    ],
)
def test_what_the_article_lacks_is_counted(question: str, numbers: float, names: float) -> None:
    compared = said(analyse(question), ARTICLE, ARTICLE)
    assert (compared.numbers, compared.names) == (numbers, names)


@pytest.mark.parametrize(
    ("question", "lacking"),
    [
        ("Which firm invested 2 billion yuan?", 0.0),
        ("Which firm invested 2 million yuan?", 1.0),
        ("哪家企业投资200000万元", 0.0),
        ("哪家企业投资二十亿元", 0.0),
        ("哪家企业投资20万元", 1.0),  # the figure stands there, the amount does not
        ("哪家企业投资了20", 0.0),
    ],
)
def test_a_number_in_other_figures_is_the_same_number(question: str, lacking: float) -> None:
    article = fold_aligned("国强公司投资20亿元建设光伏项目。")
    assert said(analyse(question), article, article).numbers == lacking


@pytest.mark.parametrize(
    ("question", "lacking"),
    [
        ("2022年有效专利多少件", 1.0),
        ("有效专利比2022年增加多少件", 0.0),
        ("2023年有效专利多少件", 0.0),
        ("How many patents were there in 2022?", 1.0),
        ("By how many did the patents grow compared with 2022?", 0.0),
    ],
)
def test_of_a_year_that_is_only_compared_with_nothing_is_said(
    question: str, lacking: float
) -> None:
    article = "2023年有效专利344件，与2022年相比增加43件，比2022年多。"
    assert said(analyse(question), article, article).numbers == lacking


SHORT = "做到不降帧率、不降画质、不降亮度，支持手机、平板、电视"


@pytest.mark.parametrize(
    ("question", "words", "items"),
    [
        ("要做到哪“三不”", "不降帧率、不降画质、不降亮度", 2.0),
        ("要做到哪“三不”", "手机、平板、电视", 1.0),
        ("要做到哪三点", "不降帧率、不降画质、不降亮度", 1.0),
        ("要做到哪“四不”", "不降帧率、不降画质、不降亮度", -1.0),
    ],
)
def test_a_short_form_stands_for_items_that_say_its_word(
    question: str, words: str, items: float
) -> None:
    assert values(question, SHORT, words)["items"] == items


TWO = "总投资20亿元的光伏组件项目和总投资2亿元的新材料项目签约，20亿元由企业自筹。"


@pytest.mark.parametrize(
    ("question", "words", "another"),
    [
        ("哪个项目总投资20亿元", "光伏组件项目", 0.0),
        ("哪个项目总投资20亿元", "新材料项目", 1.0),
        ("哪个项目总投资20亿元", "光伏组件项目和总投资2亿元的新材料项目", 1.0),
        ("Which project has 2 billion yuan?", "光伏组件项目", 0.0),
        ("Which project has 2 billion yuan?", "新材料项目", 1.0),
        ("Which project has 200 million yuan?", "新材料项目", 0.0),
        ("20亿元的项目和另一个一共多少项", "新材料项目", 0.0),  # a number is asked for
        ("哪个项目签约", "新材料项目", 0.0),
    ],
)
def test_what_has_another_amount_is_not_what_was_asked_for(
    question: str, words: str, another: float
) -> None:
    assert values(question, TWO, words)["numbers"] == another


def test_what_another_article_shows_to_be_a_name_is_missed_where_it_is_not_said() -> None:
    asked = analyse("How much will Guoqiang invest?")
    about, other = fold_aligned("国强公司投资40亿元。"), fold_aligned("技术中心投资203万元。")
    names = names_said(asked, (about, other))
    assert names == {"guoqiang"}
    assert said(asked, about, about, names=names).names == 0.0
    assert said(asked, other, other, names=names).names == 1.0
    assert said(asked, other, other).names == 0.0  # who knows that it is one


def test_across_scripts_shared_words_tell_nothing() -> None:
    compared = said(analyse("How many items were settled?"), ARTICLE, ARTICLE)
    assert compared.crossed
    assert (compared.passage, compared.article, compared.run) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_every_stored_decision_has_the_features_of_the_code(path: Path) -> None:
    stored = json.loads(path.read_text(encoding="utf-8"))
    assert tuple(stored["weights"]) == FEATURES
    decision = load_decision(path.stem)
    assert 0.0 < decision.threshold < 1.0
    assert decision.scale > 0.0  # a better candidate is a surer one


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_lacking_a_place_or_a_number_never_speaks_for_an_answer(path: Path) -> None:
    weights = json.loads(path.read_text(encoding="utf-8"))["weights"]
    assert weights["names"] < 0.0
    assert weights["numbers"] < 0.0
    assert weights["answerable"] > 0.0


def test_a_reader_without_a_decision_of_its_own_takes_the_default() -> None:
    assert load_decision("nobody's reader") == load_decision("default")


def test_a_decision_needs_a_weight_for_each_feature() -> None:
    with pytest.raises(ValueError, match="features"):
        Decision((1.0,), 1.0, 0.0, 0.5)


def test_certainties_stay_finite() -> None:
    assert logit(0.0) == -12.0
    assert logit(1.0) == 12.0
    assert sigmoid(1e9) <= 1.0
    assert sigmoid(-1e9) >= 0.0


@pytest.mark.parametrize(
    ("question", "text", "words", "feature", "value"),
    [
        ("减少多少天", "由107天减少72天", "72天", "kind", 1.0),
        ("减少多少天", "由107天减少72天", "107天减少72天", "kind", 0.0),
        ("减少多少天", "由107天减少72天", "减少", "kind", -1.0),
        ("哪天开馆", "2023年5月8日开馆", "2023年", "kind", -1.0),
        ("哪三条", "造纸、煤机、化工", "造纸、煤机、化工", "items", 1.0),
        ("哪三条", "造纸、煤机、化工", "造纸、煤机", "items", -1.0),
        ("哪三条", "造纸、煤机、化工", "造纸、煤机", "broken", 1.0),
        ("100项里有多少项", "一百项中七十项", "一百项", "echo", 1.0),
        ("100项里有多少项", "一百项中七十项", "七十项", "echo", 0.0),
    ],
)
def test_the_words_themselves_speak_for_or_against(
    question: str, text: str, words: str, feature: str, value: float
) -> None:
    assert values(question, text, words)[feature] == value
