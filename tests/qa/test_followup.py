from __future__ import annotations

import pytest

from qa.asking.conversation import turns_of
from qa.asking.followup import whole_of

CUT = ["侯马审批时限缩减多少天", "72天"]
PATENTS = ["临汾有多少件专利？", "344件"]
MAKER = ["绿源公司生产什么？", "橡胶、油墨、塑胶"]
VALID = ["How many valid patents does Linfen have?", "344件"]
LED = ["Who led the visit?", "范玲玲"]
ENGLISH = ["How many patents does Linfen have?", "344件"]


@pytest.mark.parametrize(
    ("history", "text", "carried", "why"),
    [
        (CUT, "那比法定少多少？", "侯马审批时限缩减72天，比法定少多少？", "the topic goes on"),
        (CUT, "为什么？", "侯马审批时限缩减72天，为什么？", "nothing of its own"),
        (CUT, "And in English?", CUT[0], "the same question again"),
        (CUT, "用英文怎么说", CUT[0], "the same question again"),
        (CUT, "你确定吗？", CUT[0], "the same question again"),
        (["最大的是哪个？", "国强光伏项目"], "它是谁投资的", "国强光伏项目是谁投资的", "the name"),
        (["谁当选主席", "张三"], "他哪一年出生", "张三哪一年出生", "“he” is the answer"),
        (MAKER, "该公司有多少人？", "绿源公司有多少人？", "a list is not “the company”"),
        (MAKER, "它在哪里？", "绿源公司在哪里？", "nor “it”"),
        (["介休建了什么", "图书馆"], "那里有几个座位", "介休有几个座位", "“there” is a place"),
        (PATENTS, "介休呢？", "介休有多少件专利？", "the place changes"),
        (PATENTS, "介休的商标呢？", "介休有多少件商标？", "place and thing change"),
        (["2022年销量是多少", "3万"], "2023年呢", "2023年销量是多少", "the year changes"),
        (PATENTS, "商标呢？", "临汾有多少件商标？", "the thing changes, the place stays"),
        (["寿阳对人才引进奖励多少", "25万元"], "高企认证呢", "寿阳对高企认证奖励多少", "the same"),
        (["甲的专利比去年多了多少件", "3件"], "商标呢", "甲的商标比去年多了多少件", "the same"),
        (["哪个项目先开工？", "甲项目"], "还有呢？", "除了甲项目，哪个项目先开工？", "others"),
        (["石门有什么？", "猕猴桃"], "能说得详细点吗？", "总结石门有猕猴桃", "all of it"),
        (ENGLISH, "What about Houma?", "How many patents does Houma have?", "place"),
        (ENGLISH, "And trademarks?", "How many trademarks does Linfen have?", "thing"),
        (VALID, "And trademarks?", "How many valid trademarks does Linfen have?", "the same"),
        (LED, "When did she go?", "When did 范玲玲 go?", "“she” is the answer"),
        (["臨汾有多少件專利？", "344件"], "介休呢？", "介休有多少件專利？", "Traditional"),
        (["壽陽引進了哪家企業？", "億恩科"], "它排第幾？", "壽陽，億恩科排第幾？", "Traditional"),
    ],
)  # fmt: skip
def test_a_follow_up_is_made_whole(history: list[str], text: str, carried: str, why: str) -> None:
    whole = whole_of(text, turns_of(history))
    assert whole.carried == carried
    assert whole.leaning == "yes"


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("换个话题，介休那篇是谁写的？", "介休那篇是谁写的？"),
        ("換個話題，壽陽引進了誰？", "壽陽引進了誰？"),
        ("我想问另一件事：有多少件商标？", "有多少件商标？"),
        ("说点别的吧，谁去了？", "谁去了？"),
        ("On another topic: what opened?", "what opened?"),
    ],
)
def test_an_announced_change_of_subject_leaves_the_turns_before(text: str, rest: str) -> None:
    whole = whole_of(text, turns_of(CUT))
    assert (whole.text, whole.carried, whole.leaning) == (rest, None, "no")


@pytest.mark.parametrize(
    "text",
    [
        "其中企业自己出了多少？",
        "其中企業出了多少？",
        "How much of that was its own?",
        "这篇是谁写的？",
        "作者是谁？",
        "標題呢？",
        "Who wrote this article?",
        "详细说说",
    ],
)
def test_what_is_asked_of_the_answer_itself_stays_in_its_article(text: str) -> None:
    whole = whole_of(text, turns_of(["技术中心一共投资多少？", "共投资203万元。"]))
    assert whole.stays
    assert whole.about == "技术中心一共投资多少？ 203万元"


@pytest.mark.parametrize("text", ["介休那篇是谁写的？", "Who wrote the story about Jiexiu?"])
def test_an_article_that_is_named_is_not_the_one_before(text: str) -> None:
    assert whole_of(text, turns_of(CUT)).leaning == "no"


@pytest.mark.parametrize(
    "text", ["寿阳聚焦哪三条产业链", "文水的企业中心投资多少", "《论语》是谁编的"]
)
def test_a_question_that_names_its_own_subject_leans_on_nothing(text: str) -> None:
    assert whole_of(text, turns_of(CUT)).leaning == "no"


def test_without_turns_before_a_question_stays_as_it_is() -> None:
    whole = whole_of("它是谁投资的", ())
    assert (whole.carried, whole.leaning) == (None, "no")


@pytest.mark.parametrize(
    ("text", "carried"),
    [
        ("How many people live there?", "How many people live in Shaanxi?"),
        ("When was it founded?", "When was 专利局 founded (Shaanxi)?"),
    ],
)
def test_a_place_keeps_the_spelling_it_was_asked_about_in(text: str, carried: str) -> None:
    history = turns_of(["Which office leads in Shaanxi?", "专利局"])
    assert whole_of(text, history).carried == carried


@pytest.mark.parametrize(
    ("asked", "text", "carried"),
    [
        ("侯马今年新登记多少家企业", "And Jiexiu?", "Jiexiu 今年新登记多少家企业"),
        ("侯马市有多少家企业", "What about Houma and Jiexiu?", "Houma and Jiexiu 有多少家企业"),
        ("侯马经济开发区缩减多少天", "And in Jiexiu?", "Jiexiu 经济开发区缩减多少天"),
        ("侯马和介休相距多少公里", "And Yuanqu?", "Yuanqu 和介休相距多少公里"),
        ("侯马有多少家企业", "And patents in Jiexiu?", "patents in Jiexiu，侯马有多少家企业"),
    ],
)
def test_a_place_in_pinyin_takes_the_place_of_one_in_han(
    asked: str, text: str, carried: str
) -> None:
    assert whole_of(text, turns_of([asked, "300家"])).carried == carried


def test_a_chain_of_follow_ups_keeps_the_first_subject() -> None:
    history = turns_of([*PATENTS, "介休呢？", "12件"])
    assert whole_of("那商标呢？", history).carried == "介休有多少件商标？"


def test_a_number_is_never_what_it_stands_for() -> None:
    whole = whole_of("它是谁投资的", turns_of(["侯马总投资是什么", "40亿元"]))
    assert whole.carried is not None
    assert "40亿元" not in whole.carried


@pytest.mark.parametrize(
    ("asked", "text", "carried", "why"),
    [
        ("How many patents does Shaanxi have?", "What about Shanxi?",
         "How many patents does Shanxi have?", "spelled unlike it is read"),
        ("How many medals did France win?", "What about Germany?",
         "How many medals did Germany win?", "no pinyin"),
        ("How many medals did France win?", "And what about Germany?",
         "How many medals did Germany win?", "said twice"),
        ("How many medals did France win?", "So how about Germany?",
         "How many medals did Germany win?", "the same"),
        ("How many medals did France win?", "What about Germany's?",
         "How many medals did Germany win?", "an owner for a subject"),
        ("What is France's population?", "And Germany's?",
         "What is Germany's population?", "an owner for an owner"),
        ("What is France's population?", "And Germany's GDP?",
         "What is Germany's GDP?", "owner and thing change"),
        ("How many patents does Linfen have?", "And trademarks in Houma?",
         "How many trademarks does Houma have?", "place and thing change"),
        ("How many people died in London?", "And in Paris?",
         "How many people died in Paris?", "the preposition is not the thing"),
        ("How many patents does Taiyuan have?", "And in Xi'an?",
         "How many patents does Xi'an have?", "an apostrophe; who has is where"),
        ("How many medals did France win?", "And in Tokyo?",
         "How many medals did France win in Tokyo?", "but who wins is not where"),
        ("How many people live in New York?", "And in St. Louis?",
         "How many people live in St. Louis?", "several words"),
        ("How many days did Linfen cut?", "What about the Houma Economic Development Zone?",
         "How many days did the Houma Economic Development Zone cut?", "all of its name"),
        ("How many days did the Houma Economic Development Zone cut?", "What about Jiexiu?",
         "How many days did the Jiexiu Economic Development Zone cut?", "its own zone"),
        ("How many people died in London, England?", "And in Paris?",
         "How many people died in Paris?", "a place within a place"),
        ("How many medals did France and Germany win?", "And Italy?",
         "How many medals did Italy win?", "the list is what was asked about"),
        ("How far is it between Houma and Jiexiu?", "And Linfen?",
         "How far is it between Linfen and Jiexiu?", "between takes two"),
        ("How many medals did France win in Tokyo?", "What about Germany?",
         "How many medals did Germany win in Tokyo?", "of two names the subject"),
        ("How many medals did France win in Tokyo?", "And in Paris?",
         "How many medals did France win in Paris?", "of two names the one after “in”"),
        ("Who represented France in Paris?", "And Germany?",
         "Who represented France in Paris: Germany?", "it could be either"),
        ("How many Nobel prizes were awarded?", "And in Germany?",
         "How many Nobel prizes were awarded in Germany?", "Nobel is no place"),
        ("What is the GDP of the UK?", "And France?",
         "What is the GDP of France?", "capitals are not exchanged for a name"),
        ("How many firms does Linfen have?", "And NGOs?",
         "How many NGOs does Linfen have?", "capitals that are counted"),
        ("How many medals did France win in 2023?", "And in 2022?",
         "How many medals did France win in 2022?", "the year alone"),
        ("How many medals did France win in 2023?", "What about Germany in 2022?",
         "How many medals did Germany win in 2022?", "name and year change"),
        ("How many people died in London in May 2023?", "And in April?",
         "How many people died in London in April 2023?", "the month keeps its year"),
        ("How many medals did France win in 2023?", "And on Monday?",
         "How many medals did France win on Monday 2023?", "a day has its own preposition"),
        ("How many patents did Linfen grant in 2023?", "And trademarks in 2022?",
         "How many trademarks did Linfen grant in 2022?", "thing and year change"),
        ("How many patents does Linfen have?", "What about the city of Houma?",
         "How many patents does Houma have?", "“the city” is not the thing"),
        ("What is the GDP of France?", "And CPI?",
         "What is the CPI of France?", "one measure for another"),
        ("How many medals did the UK win?", "And USA?",
         "How many medals did the USA win?", "capitals that are a name"),
        ("Who from Linfen went to Beijing?", "And Houma?",
         "Who from Houma went to Beijing?", "of two in pinyin the first"),
        ("How many people died in London in 2023?", "And last year?",
         "How many people died in London last year?", "a time is not the thing"),
        ("What did Boris Johnson say?", "And Theresa May?",
         "What did Theresa May say?", "a name is not a time"),
        ("How many patents does Linfen have?", "And in total?",
         "How many patents does Linfen have in total?", "nor is a manner the thing"),
        ("How many patents does Linfen have?", "介休呢？",
         "How many patents does 介休 have?", "the other language's name"),
    ],
)  # fmt: skip
def test_an_english_name_or_time_takes_the_place_of_its_like(
    asked: str, text: str, carried: str, why: str
) -> None:
    whole = whole_of(text, turns_of([asked, "344"]))
    assert (whole.carried, whole.leaning) == (carried, "yes")


@pytest.mark.parametrize(
    ("asked", "text", "carried", "why"),
    [
        ("侯马审批时限缩减多少天", "那介休和垣曲呢？", "介休和垣曲审批时限缩减多少天", "和"),
        ("侯马今年新登记多少家企业", "介休、垣曲以及平遥呢",
         "介休、垣曲以及平遥今年新登记多少家企业", "three"),
        ("侯马引进多少人", "那侯马和介休分别呢", "侯马和介休分别引进多少人", "of each"),
        ("侯马经济开发区缩减多少天", "介休和垣曲分别呢", "介休和垣曲经济开发区分别缩减多少天",
         "their zones, of each"),
        ("侯马经济开发区缩减多少天", "介休市和垣曲县呢", "介休市和垣曲县缩减多少天", "no zones"),
        ("侯马经济开发区缩减多少天", "广州和杭州呢", "广州和杭州经济开发区缩减多少天",
         "州 is no kind of place"),
        ("侯马引进多少人", "介休和垣曲两地呢", "介休和垣曲引进多少人", "two places are no thing"),
        ("臨汾有多少件專利？", "介休與垣曲分別呢？", "介休與垣曲分別有多少件專利？", "Traditional"),
        ("临汾有多少件专利？", "介休和绿源呢？", "介休和绿源有多少件专利？", "not only places"),
        ("临汾有多少件专利？", "介休和垣曲的商标呢？", "介休和垣曲有多少件商标？", "thing too"),
        ("侯马2023年引进多少人", "介休2022年呢", "介休2022年引进多少人", "year too"),
        ("侯马和介休分别引进多少人", "垣曲呢", "垣曲引进多少人", "one for all that were listed"),
        ("侯马和介休相距多少公里", "垣曲呢", "垣曲和介休相距多少公里", "a distance takes two"),
        ("呼和浩特和介休相距多少公里", "垣曲呢", "垣曲和介休相距多少公里", "和 within a name"),
        ("侯马引进多少人", "呼和浩特呢", "呼和浩特引进多少人", "the same"),
        ("河北省沧州市有多少人", "山东省烟台市呢", "山东省烟台市有多少人", "city of a province"),
    ],
)  # fmt: skip
def test_places_that_are_listed_take_the_place_of_the_one_before(
    asked: str, text: str, carried: str, why: str
) -> None:
    whole = whole_of(text, turns_of([asked, "344件"]))
    assert (whole.carried, whole.leaning) == (carried, "yes")
