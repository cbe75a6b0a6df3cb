"""Adding and removing articles over HTTP, where the owner of a site allows it."""

from __future__ import annotations

import base64
import binascii
import hmac
import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from index.errors import Error, VectorsUnfinished
from qa.web.desk import Desk
from qa.web.errors import Refused
from qa.web.guard import same_origin

if TYPE_CHECKING:
    from index import Index, UpdateReport
    from index.sources import FileReport

_log = logging.getLogger("wenju.web")
_WATCH_S = 3.0


class Keeper:
    """Changes the index and puts the newer one to work.

    Args:
        password: asked for by HTTP Basic (any user name); None: nobody is asked.
    """

    def __init__(self, desk: Desk, *, password: str | None) -> None:
        self._desk, self._password = desk, password
        self._writing: anyio.Lock | None = None

    def admit(self, request: Request) -> None:
        """Raises: Refused: from another site's page, or without the password."""
        if not same_origin(request.headers):
            raise Refused(
                403, "origin_not_allowed", "articles are kept from this site's pages only"
            )
        if self._password is None:
            return
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        try:
            said = base64.b64decode(given, validate=True).partition(b":")[2]
        except (binascii.Error, ValueError):
            said = b""
        if scheme.lower() != "basic" or not hmac.compare_digest(said, self._password.encode()):
            raise Refused(
                401,
                "password_needed",
                "adding and removing articles needs the password",
                headers={"WWW-Authenticate": 'Basic realm="Wenju", charset="UTF-8"'},
            )

    async def add(self, name: str, content: bytes) -> dict[str, Any]:
        """Keep the file and index it; a file of the same name is replaced."""
        index = self._desk.index()
        folder = files_folder(index.path)
        path = folder / file_name(name)

        def write() -> UpdateReport:
            from index import update

            folder.mkdir(parents=True, exist_ok=True)
            before = path.read_bytes() if path.is_file() else None

            def put_back() -> None:  # a bad file would be met again by every later update
                if before is None:
                    path.unlink()
                else:
                    path.write_bytes(before)

            path.write_bytes(content)
            try:
                report = update(index.path, [path], embedder=index.embedder, prune=False)
            except VectorsUnfinished:  # its articles are there
                raise
            except Exception:
                put_back()
                raise
            if all(row.status == "skipped" for row in of_it(report)):
                put_back()
            return report

        def of_it(report: UpdateReport) -> list[FileReport]:
            return [row for row in report.files if Path(row.file).name == path.name]

        async with self._lock():
            report = await anyio.to_thread.run_sync(write)
        await self.renew()
        return {"files": [row.to_json() for row in of_it(report)], "n_added": report.n_added}

    async def remove(self, article_id: str) -> dict[str, Any]:
        """Raises: UnknownArticle."""
        index = self._desk.index()

        def write() -> UpdateReport:
            from index import remove

            kept = files_folder(index.path) / index.article(article_id).source.path
            report = remove(index.path, [article_id])
            left = index.refresh()
            if kept.is_file() and not any(
                summary.path == kept.name for summary in left.summaries()
            ):
                kept.unlink()
            return report

        async with self._lock():
            report = await anyio.to_thread.run_sync(write)
        await self.renew()
        return {"n_removed": report.n_removed}

    async def renew(self) -> None:
        """Answer from the newest state of the index from now on."""
        pipeline = self._desk.pipeline()
        index = self._desk.index()
        newest: Index = await anyio.to_thread.run_sync(index.refresh)
        if newest is not index:
            self._desk.replace(pipeline.on(newest))

    async def watch(self) -> None:
        """Notice what `python -m index` changes behind us.

        A newest state that cannot be used is logged; what was answered from still is.
        """
        told = ""
        while True:
            await anyio.sleep(_WATCH_S)
            if not self._desk.ready:
                continue
            try:
                await self.renew()
                told = ""
            except Error as error:
                if str(error) != told:
                    _log.warning("the newest state of the index is not used: %s", error)
                told = str(error)

    def _lock(self) -> anyio.Lock:
        if self._writing is None:  # belongs to the running loop
            self._writing = anyio.Lock()
        return self._writing


def router(keeper: Keeper) -> APIRouter:
    """Only included where articles may be kept over HTTP."""
    routes = APIRouter()

    @routes.post("/api/articles", summary="Add one file")
    async def add(request: Request, name: str) -> Any:
        """The body is the file as it is; `name` says what it is by its ending.

        Answers with a row for the file, as `index add --report` writes it.
        """
        keeper.admit(request)
        return JSONResponse(await keeper.add(name, await request.body()))

    @routes.delete("/api/articles/{article_id}", summary="Remove one article")
    async def remove(request: Request, article_id: str) -> Any:
        keeper.admit(request)
        return JSONResponse(await keeper.remove(article_id))

    return routes


def files_folder(index_path: Path) -> Path:
    """Where files given over HTTP are kept: beside the index."""
    return index_path.with_name(f"{index_path.name}-files")


def file_name(name: str) -> str:
    """A plain file name out of whatever a client calls its file.

    Raises:
        Refused: nothing is left of it.
    """
    bare = re.sub(r"[^\w.()\-（）《》“”· ]", "_", re.split(r"[/\\]", name)[-1]).strip(" .")
    if not bare:
        raise Refused(422, "invalid_request", "the file needs a name")
    stem, dot, ending = bare.rpartition(".")
    # file systems keep 255 bytes of a name
    return f"{_cut(stem or ending, 240)}{dot if stem else ''}{_cut(ending, 14) if stem else ''}"


def _cut(text: str, n_bytes: int) -> str:
    return text.encode()[:n_bytes].decode(errors="ignore")
