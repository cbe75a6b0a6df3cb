"""The seed page, and what any text must give."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.articles import split_articles
from index.headlines import is_furniture, printed_date
from index.markdown import front_matter
from index.schema import Article, Format, Source, squeeze

PAGE = Path(__file__).parents[2] / "articles" / "000_fe631873ee400ce1.txt"


def source_of(text: str) -> Source:
    return Source("page.txt", text, "text", "0" * 64)


@pytest.fixture(scope="module")
def seed() -> list[Article]:
    return split_articles(source_of(PAGE.read_text("utf-8")))


def test_the_seed_page_gives_its_six_articles(seed: list[Article]) -> None:
    assert [(a.kicker, a.title, a.authors) for a in seed] == [
        ("垣曲经济技术开发区", "力推“三化三制”改革 持续增添发展动能", ("史力",)),
        (
            "临汾经济开发区",
            "创新知识产权“一站式”服务 打造“三无”“三可”营商环境",
            ("刘婷",),
        ),
        ("寿阳经济技术开发区", "全面优化营商环境 推动高质量发展", ("王花",)),
        ("介休经济技术开发区", "建立政企沟通机制 持续改善营商环境", ("进晓宇",)),
        (None, None, ("王丽",)),
        ("侯马经济开发区", "营商环境硬支撑 引得项目次第来", ("柴卫东", "李永岐")),
    ]
    assert {a.newspaper for a in seed} == {"科学导报"}
    for article in seed:
        assert article.byline_span is not None
        assert article.byline_span.of(article.text) == " ".join(article.authors)


def test_the_seed_page_loses_no_character(seed: list[Article]) -> None:
    assert squeeze("".join(a.text for a in seed)) == squeeze(PAGE.read_text("utf-8"))


def test_line_breaks_of_the_seed_page_leave_no_trace(seed: list[Article]) -> None:
    whole = "\n".join(a.text for a in seed)
    for joined in ("分别给予25万元、20万元奖励", "比法定107个工作日减少了72天", "增加21件"):
        assert joined in whole
    assert "\n———多举措破局，市场化运营激活力。围绕" in whole
    assert "先后参与全国橡胶与橡胶制品标准化技术委员会2项" in whole


def check_alignment(article: Article) -> None:
    for offset, character in enumerate(article.text):
        source = article.source.text[article.alignment.offset_to_source(offset)]
        assert source == character or (source.isspace() and character.isspace())


def check_covered(text: str, articles: list[Article]) -> None:
    """Every character is in one article, in order; only hyphens that break a word are not."""
    offsets = [a.alignment.offset_to_source(n) for a in articles for n in range(len(a.text))]
    assert all(before < after for before, after in pairwise(offsets))
    for offset in set(range(len(text))) - set(offsets):
        if not text[offset].isspace():
            assert text[offset] in "-\u2010\u00ad"
            assert text[offset - 1].isalpha()
            assert text[offset + 1 :].lstrip(" \t\r\f\v").startswith("\n")


@given(
    st.text(
        alphabet="本报讯新华社北京电 \n\t\r\f\u3000。，！“”（）记者张三第版abBy.-1年月日#：/\u00ad",
        max_size=200,
    ),
    st.sampled_from(["text", "markdown", "jsonl", "html"]),
)
def test_any_text_is_covered_exactly(text: str, form: Format) -> None:
    articles = split_articles(Source("page", text, form, "0" * 64))
    for article in articles:
        check_alignment(article)
        assert article.headline_span is None or article.headline_span.of(article.text)
        assert article.byline_span is None or article.byline_span.of(article.text)
    if "---" not in text:  # front matter is no article's
        check_covered(text, articles)


PLAIN = """关于水利工程的思考

作者：李华

水利工程是国家的重要基础设施。据新华社北京3月5日电，今年水利投资将继续增加。
新华社的报道指出，水利建设要统筹兼顾。
有读者问：本报讯是什么意思？我们解释一下。（记者 王芳）
这个问题由来已久。
"""


def test_a_plain_article_is_not_split_where_it_quotes() -> None:
    (article,) = split_articles(source_of(PLAIN))
    assert (article.title, article.authors) == ("关于水利工程的思考", ("李华",))


def test_markdown_stays_one_article_and_its_front_matter_is_not_text() -> None:
    text = "---\ntitle: 不在文中\n---\n# 大标题\n\n第一段\n接着写。\n\n## 小标题\n\n- 甲\n- 乙\n"
    (article,) = split_articles(Source("a.md", text, "markdown", "0" * 64))
    assert article.text == "# 大标题\n第一段接着写。\n## 小标题\n- 甲\n- 乙"
    assert article.title == "大标题"


ENGLISH = """City Council Approves New Budget
By JANE DOE

SPRINGFIELD, March 5 -- The city council approved a new bud-
get on Tuesday. The plan, which covers long-term develop-
ment, passed 7-2.

Mayor J. Smith said the vote was "historic." She added that
the long-term plan would start in May.

School Opens Library
By John Roe

SPRINGFIELD (AP) - A new library opened at Lincoln School
on Monday. More than 200 pupils came.
"""


def test_an_english_page_comes_apart_and_broken_words_are_joined() -> None:
    first, second = split_articles(source_of(ENGLISH))
    assert (first.title, first.authors) == ("City Council Approves New Budget", ("JANE DOE",))
    assert (second.title, second.authors, second.newspaper) == (
        "School Opens Library", ("John Roe",), "AP"
    )  # fmt: skip
    assert "approved a new budget on Tuesday. The plan, which covers long-term dev" in first.text
    assert first.text.count("\n") == 3


TRADITIONAL = """颱風將至 各地加強戒備
【記者王小明／台北報導】中央氣象局表示，颱風預計週末
登陸，請民眾做好防颱準備。目前已有多個縣市宣布停班停
課。
市府推動綠能
〔記者陳大文／高雄報導〕市政府昨日宣布，將在三年內完
成太陽能板設置計畫，總經費達 12 億元。
"""


def test_a_traditional_page_comes_apart() -> None:
    first, second = split_articles(source_of(TRADITIONAL))
    assert (first.title, first.authors) == ("颱風將至 各地加強戒備", ("王小明",))
    assert (second.title, second.authors) == ("市府推動綠能", ("陳大文",))
    assert "總經費達12億元。" in second.text


RUNNING_HEADS = """晨星导报 2024年3月18日 第5版
本报讯 近年来，临河集团坚持以人民为中心的发展思想，
不断推进各项改革，取得了明显成效，职工收入不断提高，企业

5

晨星导报 第6版
效益持续向好。集团表示，今后将继续努力，为社会多作贡献
，再创辉煌。 张小明
临河集团
深化改革再出发
本报讯 东岭医院日前引进了一批新设备，患者就医更加
方便，医院院长表示，今后将继续提升服务水平。 李华
东岭医院引进新设备
责任编辑：赵敏
"""


def test_running_heads_say_paper_and_date_and_are_no_titles() -> None:
    first, second = split_articles(source_of(RUNNING_HEADS))
    assert (first.kicker, first.title) == ("临河集团", "深化改革再出发")
    assert second.title == "东岭医院引进新设备"
    assert {(a.newspaper, a.date) for a in (first, second)} == {("晨星导报", "2024-03-18")}
    assert "\n5\n晨星导报 第6版\n" in first.text


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("a long-\nterm plan is a long-term plan", "a long-term plan is a long-term plan"),
        ("a bud-\nget", "a budget"),
        ("从今年起给予 25\n万元", "从今年起给予25万元"),
        ("使用 Word 2024 版", "使用 Word 2024版"),
    ],
)
def test_broken_lines_are_joined_as_they_were_meant(text: str, joined: str) -> None:
    (article,) = split_articles(Source("a.md", text, "markdown", "0" * 64))
    assert article.text == joined


def test_a_byline_broken_over_two_lines_is_one() -> None:
    text = (
        "本报讯 新设备已经投入使用，患者更方便，\n医院表示将继续努力，提升服务水平。（记者\n李华）"
    )
    (article,) = split_articles(source_of(text))
    assert article.authors == ("李华",)
    assert article.byline_span is not None
    assert article.byline_span.of(article.text) == "李华"


TWO = "大桥今日通车\n本报讯 往来更加方便。（记者 李华）\n一月物价平稳\n本报讯 涨幅不大。\n"


@pytest.mark.parametrize("form", ["docx", "markdown", "html", "epub"])
def test_what_a_file_names_is_not_said_of_each_of_its_articles(form: Format) -> None:
    source = Source("a", TWO, form, "0" * 64, title="报纸汇编", authors=("编者",))
    assert [(a.title, a.authors) for a in split_articles(source)] == [
        ("大桥今日通车", ("李华",)),
        ("一月物价平稳", ()),
    ]


def test_what_a_file_names_is_said_of_its_only_article() -> None:
    text = "大桥今日通车\n新建的大桥今天通车，两岸往来更加方便，市民说好。\n"
    source = Source("a", text, "html", "0" * 64, title="新桥通车", authors=("李华",))
    (article,) = split_articles(source)
    assert (article.title, article.authors) == ("新桥通车", ("李华",))


@pytest.mark.parametrize(("headline", "title"), [("大桥今日通车\n", "大桥今日通车"), ("", "模板")])
def test_a_printed_headline_beats_the_properties_of_a_docx(headline: str, title: str) -> None:
    text = headline + "新建的大桥今天通车，两岸往来更加方便，市民说好。\n"
    (article,) = split_articles(Source("a", text, "docx", "0" * 64, title="模板"))
    assert article.title == title


def test_an_article_without_a_headline_may_take_the_file_s_title() -> None:
    text = "本报讯 往来更加方便。（记者 李华）\n本报讯 涨幅不大。（记者 王芳）\n"
    source = Source("a", text, "docx", "0" * 64, title="三月要闻", authors=("编者",))
    assert [(a.title, a.authors) for a in split_articles(source)] == [
        ("三月要闻", ("李华",)),
        ("三月要闻", ("王芳",)),
    ]


HEADS = ("晨星导报 2024年3月18日 第1版", "东岭晚报 2024年4月2日 第2版")
NEWS = "大桥今日通车\n本报讯 往来更加方便。（记者 李华）\n"
BOTH = [("晨星导报", "2024-03-18"), ("东岭晚报", "2024-04-02")]


@pytest.mark.parametrize(
    ("text", "issues"),
    [
        (f"{HEADS[0]}\n{NEWS}{HEADS[1]}\n{NEWS}", BOTH),
        (f"{HEADS[0]}\n{NEWS}\f{HEADS[1]}\n{NEWS}", BOTH),
        (f"{NEWS}{HEADS[0]}\n\f{NEWS}{HEADS[1]}\n", BOTH),  # printed at the foot
        (f"{HEADS[0]}\n{NEWS}\f晨星导报 第2版\n{NEWS}", [BOTH[0]] * 2),
        (f"{HEADS[0]}\n{NEWS}\f东岭晚报 第2版\n{NEWS}", [BOTH[0], ("东岭晚报", None)]),
        (f"2024年3月18日\n晨星导报 第1版\n{NEWS}\f{NEWS}", [BOTH[0]] * 2),
        (f"{NEWS}\f{HEADS[0]}\n{NEWS}", [(None, None), BOTH[0]]),  # on another page
        (f"晨星导报 第1版\n{NEWS}{NEWS}2024年3月18日 星期一\n", [BOTH[0]] * 2),
    ],
)
def test_each_article_is_of_the_paper_and_day_of_its_own_page(
    text: str, issues: list[tuple[str | None, str | None]]
) -> None:
    assert [(a.newspaper, a.date) for a in split_articles(source_of(text))] == issues


@pytest.mark.parametrize(
    ("printed", "date"),
    [
        ("中華民國113年3月5日", "2024-03-05"),
        ("民国 113 年 3 月 5 日", "2024-03-05"),
        ("中華民國一一三年三月五日", "2024-03-05"),
        ("中華民國一百一十三年十二月廿五日", "2024-12-25"),
        ("民國元年一月一日", "1912-01-01"),
        ("二〇二四年三月五日", "2024-03-05"),
        ("二○二四年十月三十一日", "2024-10-31"),
        ("二零二四年3月5日", "2024-03-05"),
        ("二〇二四年十三月五日", None),
        ("二〇二四年百月五日", None),
    ],
)
def test_years_of_the_republic_and_in_chinese_are_dates(printed: str, date: str | None) -> None:
    assert printed_date(f"聯合報 {printed} 星期二") == date
    assert is_furniture(f"聯合報 {printed} 星期二 第 3 版")
    (article,) = split_articles(source_of(f"聯合報 {printed} 星期二\n{NEWS}"))
    assert (article.newspaper, article.date) == ("聯合報", date)


def test_a_year_in_chinese_in_a_sentence_is_no_running_head() -> None:
    assert not is_furniture("二〇二四年三月五日，大桥通车。")
    assert not is_furniture("民国三十八年三月五日出生")


def test_front_matter_of_crlf_lines_is_not_text() -> None:
    text = "---\r\ntitle: 不在文中\r\n---\r\n# 大标题\r\n\r\n第一段。\r\n"
    (article,) = split_articles(Source("a.md", text, "markdown", "0" * 64))
    assert article.text == "# 大标题\n第一段。"
    assert front_matter(text) == {"title": "不在文中"}


def test_vertical_punctuation_ends_sentences_and_brackets_names() -> None:
    text = "颱風將至\n︻記者王小明／台北報導︼颱風週末登陸︐請做好準備︒\n市府推動綠能\n"
    text += "︵記者 陳大文︶市府宣布計畫︐總經費增加︒ 李華\n"
    first, second = split_articles(source_of(text))
    assert (first.title, first.authors) == ("颱風將至", ("王小明",))
    assert (second.title, second.authors) == ("市府推動綠能", ("陳大文", "李華"))
    assert "登陸︐請做好準備︒" in first.text
    check_covered(text, [first, second])
