"""Readings of Chinese characters without tones, as `index/pinyin.txt`.

    pip install pypinyin==0.55.0      # MIT; its table is the Unihan and CC-CEDICT one
    python training/make_pinyin.py

One syllable a line, then the characters of GB 2312 that are read so.
"""

import argparse
from collections import defaultdict
from pathlib import Path

from pypinyin import Style, pinyin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("index/pinyin.txt"))
    args = parser.parse_args()
    read: defaultdict[str, list[str]] = defaultdict(list)
    for code in range(0x4E00, 0xA000):
        character = chr(code)
        try:
            character.encode("gb2312")
        except UnicodeEncodeError:
            continue
        (readings,) = pinyin(character, style=Style.NORMAL, heteronym=True, v_to_u=False)
        for syllable in dict.fromkeys(readings):
            if syllable.isascii() and syllable.isalpha():
                read[syllable].append(character)
    lines = [f"{syllable} {''.join(read[syllable])}" for syllable in sorted(read)]
    args.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
