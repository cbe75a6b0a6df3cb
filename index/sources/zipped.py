"""Members of a zip file, read within limits: what a header claims is not believed."""

from __future__ import annotations

import io
import zipfile
import zlib
from importlib import import_module
from typing import Any

from index.sources.report import Limits, Skipped

_RATIO_MOST = 200  # unpacked to packed bytes; XML packs to a tenth or a fiftieth
_SMALL = 8 << 20  # bytes that any ratio may unpack to
_MEMBERS_MOST = 20_000


class Zipped:
    """An opened zip file. Raises Skipped "malformed", "encrypted" or "zip-bomb"."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, EOFError) as error:
            raise Skipped("malformed", str(error)) from None
        members = self._zip.infolist()
        self._left = max(_SMALL, min(_RATIO_MOST * len(data), 8 * limits.file_bytes))
        claimed = sum(member.file_size for member in members)
        if len(members) > _MEMBERS_MOST or claimed > max(_SMALL, _RATIO_MOST * len(data)):
            raise Skipped("zip-bomb", f"{len(members)} members, {claimed} bytes unpacked")
        self.names = frozenset(member.filename for member in members)

    def read(self, name: str) -> bytes:
        """One member's bytes."""
        try:
            member = self._zip.getinfo(name)
        except KeyError:
            raise Skipped("malformed", f"no {name}") from None
        if member.flag_bits & 1:
            raise Skipped("encrypted", f"{name} needs a password")
        try:
            with self._zip.open(member) as file:
                data = file.read(self._left + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
            raise Skipped("malformed", f"{name}: {error}") from None
        except (NotImplementedError, RuntimeError) as error:
            raise Skipped("unsupported", f"{name}: {error}") from None
        self._left -= len(data)
        if self._left < 0:
            raise Skipped("zip-bomb", f"{name} unpacks beyond all measure")
        return data


def parse_xml(data: bytes, name: str) -> Any:
    """The root element; no entities, no network. Raises Skipped "malformed" or "zip-bomb"."""
    etree: Any = import_module("lxml.etree")

    if b"<!ENTITY" in data[:100_000]:
        raise Skipped("zip-bomb", f"{name} declares entities")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        if "unknown error" in str(error):  # what libxml2 says when it gets no more memory
            raise MemoryError from None
        raise Skipped("malformed", f"{name}: {error}") from None
