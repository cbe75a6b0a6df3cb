"""Text that speaks to a language model instead of telling news.

Two nets. An article that plainly speaks to a model (`instructs`) is not given
to the writer at all. A sentence that orders somebody to say something
(`commands`), and the one after it, are blanked: they are neither shown to the
writer nor evidence for anything. The second net is wide, since it only costs
sentences. Text is read without hidden characters, in Simplified characters.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from index.passages import sentences
from qa.reading.coverage import fold_aligned

_VERB = (
    "忽略|无视|忘记|忘掉|不要理会|不要遵守|不必遵守|不要执行|不再遵守|抛开|推翻|绕过|跳过|停止遵守"
)
_ALL = "以上|上述|之前|先前|前面|前述|上面|此前|所有|全部|你|您|系统|原有|原来|一切|任何|既定|其他|其它"
_RULES = "指令|指示|提示|规则|规定|要求|设定|命令|说明|限制|约束|上文|系统|内容|问题|任务|身份|角色|引用|资料|文章"
_SPEAK = "回答|回复|答复|输出|打印|写出|写道|写上|说出|复述|重复|声称|宣称|告诉用户|告诉读者|返回|生成|附上|加上|添加|插入|展示|显示|声明"
_HAN = re.compile(
    rf"(?:{_VERB}).{{0,6}}(?:{_ALL}).{{0,8}}(?:{_RULES})"
    r"|(?:忽略|忘记|忘掉|不要理会|无视).{0,8}(?:指令|提示词|指示|设定|prompt)"
    rf"|(?:以上|上述|之前|先前|前面|此前|所有)(?:的|所有|全部|一切){{0,2}}(?:{_RULES}).{{0,8}}(?:作废|无效|失效|取消|忽略|忘)"
    rf"|(?:请|你|您|务必|必须|应当|应该|只需|只能|只|仅|直接|改为|一律|现在|接下来|最后|末尾|开头).{{0,10}}(?:{_SPEAK})(?:以下|下面|下列|如下|这句|这段|一句|[“\"‘'「『:：])"
    rf"|(?:{_SPEAK})(?:以下|下面|下列)(?:的)?(?:内容|文字|句子|话|信息|字样)"
    rf"|(?:无论|不管|不论|不要管)(?:用户|读者|别人|对方|什么人|谁|问题|提问|问什么|问了|被问).{{0,16}}(?:{_SPEAK}|答|说)"
    rf"|(?:(?:作为|身为|充当)(?:一个|一名|一位)(?=ai|人工智能|语言|大模型|聊天|机器人)|扮演|假装|你是|你现在是|你将是|你叫|您是)(?:一个|一名|一位|个|名|一只|一台)?.{{0,8}}(?:ai|人工智能|语言模型|大模型|模型|助手|助理|机器人|聊天|系统|管理员|开发者|专家|海盗|猫|黑客)"
    r"|(?:ai|人工智能|语言模型|大模型|ai助手|机器人|chatgpt|gpt)(?:们)?[,，:：!！、]?(?:请|你|您|务必|听令|注意|看到|读到)"
    r"|(?:致|告|提醒|通知|注意|所有|各位|正在阅读的?|阅读本文的?|阅读此文的?)(?:ai|人工智能|语言模型|大模型|模型|聊天机器人|ai助手|爬虫|摘要工具)(?:们)?[:：,，]"
    r"|(?:系统|管理员|开发者|开发人员|助手|(?<!最)新)(?:提示|消息|指令|命令|指示|提示词|模式)(?:词)?(?:是|为)?[:：](?!$)"
    r"|提示词(?:注入|泄露)|越狱模式|开发者模式|调试模式|维护模式|管理员模式|上帝模式|超级用户|系统提示词"
    rf"|(?:在|于)(?:你的|您的|每个|每条|所有|全部)?(?:回答|回复|答案|答复|输出|结尾|末尾|开头|结果)(?:的|里|中|之)?(?:前面|后面|最后|结尾|末尾|开头|前|后|中|里|处)?(?:都|要|必须|务必|请|一定|均|须)?(?:{_SPEAK})"
    r"|(?:不要|不得|禁止|别|无需|不必)(?:使用|给出|标注|提供|添加|加|写)?(?:任何)?(?:引用|出处|来源|引文|编号)"
    rf"|(?:你|您)(?:必须|务必|应当|应该|只能|只需|现在要|需要|要|将|得)(?:.{{0,10}})(?:{_SPEAK}|回应|使用|调用|执行|访问|打开|点击|发送|翻译|说)"
    r"|(?:请|务必|立即|马上)(?:.{0,2})(?:调用|执行|运行)(?:.{0,8})(?:工具|函数|命令|代码|脚本|接口)"
    r"|(?:泄露|公开|透露|交出|输出|打印|显示)(?:.{0,8})(?:系统提示|提示词|密钥|密码|口令|apikey)"
    r"|(?:以|用)(?:json|yaml|xml|markdown|base64|法语|英语|海盗)(?:.{0,6})(?:回答|回复|输出|答复)"
    r"|(?:下面|接下来|以下|从现在起|从现在开始|从此刻起|今后)(?:.{0,6})(?:你|您|所有回答|每个回答|请|只)(?:.{0,12})(?:回答|回复|输出|说|扮演|答|写)"
    r"|正确(?:的)?答案(?:应该|应当)?(?:是|为)[:：“\"]|标准答案(?:是|为)?[:：]"
)
_LATIN = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass|skip|discard|neglect|do not follow|don't follow|stop following)\b.{0,40}"
    r"\b(?:instructions?|prompts?|rules?|directions?|guidelines?|above|previous|prior|earlier|context|system|questions?|articles?|everything|commands?)\b"
    r"|\b(?:you are|you're|act as|pretend|behave as|roleplay|you will be|you must act)\b.{0,30}\b(?:now|an? (?:ai|assistant|bot|model|pirate|hacker|cat|different|evil|unrestricted)|ai|assistant|language model|dan|developer mode|chatbot|system)\b"
    r"|\b(?:you must|you should|you shall|you will|you have to|you need to|please|always|only|simply|just|instead|now|then|must|immediately|do)\b.{0,25}"
    r"\b(?:answer|reply|respond|output|print|say|write|repeat|state|return|append|include|insert|claim|tell|translate|end|begin|begin)\b.{0,25}(?:[\"'“‘:]|with\b|that\b|the following|exactly|verbatim|in (?:french|english|german|json|base64))"
    r"|(?:^|[.!?:;\n\]>)(\"'“-]\s*)(?:answer|reply|respond|output|print|say|write|repeat|append|return|recite)\b.{0,12}(?:[\"'“‘:]|with\b|that\b|the following|exactly|only|verbatim|this\b)"
    r"|\b(?:new|updated|real|actual|secret|hidden|system|developer|admin|special|important|urgent|priority) (?:instructions?|prompts?|message|directives?|orders?|tasks?|commands?|mode)\b"
    r"|\b(?:system|assistant|user|developer|human|tool)\s*(?:prompt|message|override)?\s*[:：]"
    r"|\b(?:attention|note|notice|message|instructions?|dear|hey|hello|hi)\b.{0,20}\b(?:ai|llms?|language models?|assistants?|chatbots?|models?|gpt|agents?)\b"
    r"|\b(?:ai|llms?|language models?|assistants?|chatbots?|gpt|models?|agents?) (?:must|should|shall|reading|that reads?|who reads?|processing|summari)"
    r"|\b(?:jailbreak|prompt injection|developer mode|system prompt|api key|reveal your|print your)\b"
    r"|\b(?:do not|don't|never|without) (?:cite|citing|use citations?|mention|include (?:any )?(?:citations?|sources?)|give sources?)\b"
    r"|\b(?:call|invoke|execute|run|use) (?:the |a |this )?(?:tools?|functions?|commands?|code|script|shell|plugin)\b"
    r"|\b(?:the )?(?:correct|right|only|true|real) answer (?:is|must be|should be)\b|\bfrom now on\b"
    r"|\bno matter what\b|\bregardless of (?:the|what|any)\b.{0,20}\b(?:question|ask|user|asked)"
)
_TOKENS = re.compile(
    r"<\|?[a-z_/ ]{2,24}\|?>|\[/?(?:inst|sys|system|user|assistant|tool)\]|<</?sys>>|<(?:start|end)_of_turn>|</?s>|###\s*\w+|"
    r"\bim_(?:start|end)\b|begin_of_text|eot_id|<!--|!\[[^\]]*\]\(|\{\{.*?\}\}|<function|tool_call|\bend of (?:article|document|context|passage)s?\b|"
    r"(?:^|\n)\s*-{3,}\s*(?:end|begin|system|new)|(?:文章|资料|上下文|材料|正文)(?:到此)?结束"
)
_HIDDEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e007f]"
)
_TAGS = re.compile("[\U000e0001-\U000e007f]")  # spell ASCII that nobody sees
_SPACED = re.compile(r"(?<=\b\w)[ ._*-](?=\w\b)")


def instructs(text: str) -> bool:
    """Whether any part of a text reads as an instruction to a model."""
    shown = _HIDDEN.sub("", unicodedata.normalize("NFKC", text))
    folded = fold_aligned(shown)
    tight = re.sub(r"[\s*_~`|/\\·.]+", "", folded)
    return bool(
        _TOKENS.search(folded)
        or _LATIN.search(folded)
        or _LATIN.search(_SPACED.sub("", folded))
        or _HAN.search(tight)
        or _TAGS.search(text)
    )


_ACT = (
    "回答|答复|答案|作答|答道|回复|输出|打印|复述|声称|翻译|称呼|指令|提示|前文|上文|下文|用户|模型|机器人|助手|本段|检索|附上|原样|"
    "海盗|语气|口吻|引用|编号|密码|链接|命令|资料|优先级|下面|以下|上面|以上|上述|前面|最后|开头|末尾|结尾|说明|宣布|提到|包含|加上|改为|改成|"
    "任务|问题|问起|被问|询问|名字|扮演|假装|原文|照此|说|写|念|用“"
)
_ORDER = re.compile(
    rf"(?:请(?!求|示|假|教|客|战|缨|辞|愿|柬)|务必|你(?!们)|您|从现在|从此刻|无视|忽略|只说|只写|只需|只能|一律|停止当前|优先级|不算数|照此|原样)"
    rf".{{0,24}}(?:{_ACT})"
    rf"|(?:{_ACT}).{{0,16}}(?:请(?!求|示|假|教|客|战|缨|辞|愿|柬)|务必|你(?!们)|您|无视|忽略|只说|只写|一律|优先级|不算数|照此)"
    r"|(?:回答|答复|答案|作答|回复|输出|打印|复述|指令|提示词|前文|上文|用户|模型|助手|任务).{0,12}(?:必须|不要|不得|都要|都用|应为|应是|改为|改成|变更|是|为)"
    r"|(?:必须|不要|不得|都要|无论|不管|如被|若有人|当用户|若被|如有人).{0,16}(?:回答|答复|答案|作答|回复|输出|打印|复述|就说|提问|说|写)"
    r"|(?:^|[,;。!?:“\"'「『(])(?:输出|打印|回答|答|回复|重复|复述|翻译|写|说|执行|调用|访问|打开|点击|宣布|声称|插入|附加|忽略|无视|忘记|扮演|假装|停止|改为)"
    r"(?:[:“\"'「『]|以下|下面|下列|如下|前文|上文|以上|这)"
    r"|(?:^|[,;。!?“\"'「『(])(?:系统|助手|用户|提示|注意|任务|新任务|答|回答|答案|指令|模型|ai)[:]"
    r"|(?:将|把)(?:所有|全部|每个|每一个|文中)?[“\"].{1,10}[”\"](?:都|全部|一律)?(?:改|换|替换|写|说)"
    r"|(?:把|将)(?:下面|以下|上面|这|答案|回答)"
)
_ORDER_LATIN = re.compile(
    r"(?:^|[.!?;:,\n\"“'(\]>—-]\s*)(?:then |now |just |and |please |instead,? |so |but )*"
    r"(?:say|write|print|output|repeat|respond|reply|answer|add|append|include|translate|ignore|forget|disregard|stop|pretend|act|pay no|"
    r"do not|don't|never|please|always|tell|call|visit|open|click|send|claim|state|mention|begin|end|start|return|recite|speak|use|execute|run|quote|cite|summari[sz]e)\b"
    r"|\byou (?:must|will|should|are|have|need|can|may|shall|ought)\b|\byour (?:new |next |only |real |true )?(?:goal|task|answer|response|reply|name|job|role|output|instructions?)\b"
    r"|\b(?:instead|chatgpt|gpt|llm|prompt|assistant|the model|language model|respond with|and nothing else|the answer (?:is|must|should))\b"
)


def commands(sentence: str) -> bool:
    """Whether a sentence may order its reader to say or do something."""
    folded = fold_aligned(_HIDDEN.sub("", unicodedata.normalize("NFKC", sentence))).strip()
    tight = re.sub(r"[\s*_~`|/\\·.]+", "", folded)
    return bool(_ORDER.search(tight) or _ORDER_LATIN.search(folded))


@lru_cache(maxsize=512)
def blanked(text: str) -> str:
    """The text with every sentence that commands, and the next, made line breaks.

    Offsets stay those of `text`.
    """
    out = list(text)
    before = False
    for span in sentences(text):
        ordered = commands(span.of(text))
        if ordered or before:
            out[span.start : span.end] = "\n" * (span.end - span.start)
        before = ordered
    return "".join(out)


def escape(text: str) -> str:
    """Article text for a prompt: nothing in it can be read as a role, a marker or a token.

    Angle, square and curly brackets, pipes, hashes and back-quotes become
    their full-width forms, hidden characters go, a run of line breaks is one.
    """
    shown = _HIDDEN.sub("", text)
    shown = "".join(c for c in shown if c in "\n\t" or unicodedata.category(c) != "Cc")
    return re.sub(r"\s*\n\s*", "\n", shown.translate(_FULL_WIDTH))


_FULL_WIDTH = str.maketrans({c: chr(ord(c) + 0xFEE0) for c in "<>[]{}|#`"})
