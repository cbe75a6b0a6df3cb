"""The chat page: Gradio Blocks for page, theme and controls; ui/chat.js asks /api/ask.

A question does not pass through Gradio's queue, which costs it 40 ms and the server
nine tenths of its throughput (docs/chat.md); the widget asks the same way.
"""

from __future__ import annotations

import os
import re

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # Gradio reads it when it is imported

import gradio as gr
from fastapi import FastAPI
from gradio import themes
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SANS = (
    "system-ui", "-apple-system", "Segoe UI", "Noto Sans CJK SC", "Noto Sans SC", "PingFang SC",
    "Hiragino Sans GB", "Microsoft YaHei", "WenQuanYi Micro Hei", "sans-serif",
)  # fmt: skip
_MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Noto Sans Mono CJK SC", "monospace")


def build() -> ASGIApp:
    """The Gradio application, to be served at `/`. Importing Gradio takes seconds."""
    with (
        gr.Blocks(title="问据 Wenju", analytics_enabled=False, fill_width=True) as blocks,
        gr.Row(elem_id="wj-app", equal_height=False),
    ):
        with gr.Column(elem_id="wj-side", scale=0, min_width=0):
            gr.Button("新对话", elem_id="wj-new", size="md")
        with gr.Column(elem_id="wj-main", min_width=0), gr.Row(elem_id="wj-composer"):
            gr.Textbox(
                label="问题",
                show_label=False,
                container=False,
                lines=1,
                max_lines=6,
                max_length=1000,
                autofocus=True,
                elem_id="wj-question",
            )
            gr.Button("提问", elem_id="wj-send", variant="primary", min_width=0)
            gr.Button("停止", elem_id="wj-stop", variant="stop", min_width=0)
    return Polished(
        gr.mount_gradio_app(
            FastAPI(openapi_url=None),
            blocks,
            path="/",
            theme=_theme(),
            footer_links=[],
            run_history=False,
            ssr_mode=False,
            show_error=False,
            enable_monitoring=False,
            mcp_server=False,
            pwa=False,
            max_file_size="1kb",  # there is nothing to upload
        )
    )


class Polished:
    """Gradio's page with our head: our name and style at once, no links to other hosts."""

    def __init__(self, app: FastAPI) -> None:
        self.app, self.router = app, app.router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/":
            await self.app(scope, receive, send)
            return
        start: Message = {}
        body = bytearray()

        async def gather(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            body.extend(message.get("body", b""))
            if message.get("more_body"):
                return
            page = polish(body.decode()).encode()
            headers = [
                (name, value) for name, value in start["headers"] if name != b"content-length"
            ]
            length = str(len(page)).encode()
            await send(start | {"headers": [*headers, (b"content-length", length)]})
            await send({"type": "http.response.body", "body": page})

        await self.app(scope, receive, gather)


_HEAD = """
<meta name="color-scheme" content="light dark">
<meta name="description" content="向报纸提问，答案句句有出处。">
<link rel="icon" href="ui/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="ui/chat.css">
<script type="module" src="ui/chat.js"></script>
"""
_WAITING = """<div id="wj-boot" aria-hidden="true"><img src="ui/icon.svg" alt="" width="56" \
height="56"></div>"""


def polish(page: str) -> str:
    """Take Gradio's cards for social networks out and put our head in."""
    page = re.sub(r'<meta\s+(?:property|name)="(?:og|twitter):[^>]*>', "", page)
    page = page.replace('lang="en"', 'lang="zh-CN"', 1)
    page = page.replace("</head>", f"{_HEAD}</head>", 1)
    return page.replace("<gradio-app", f"{_WAITING}<gradio-app", 1)


def _theme() -> themes.Base:
    seal = themes.Color(
        "#fdf3f1", "#fae2de", "#f3c3bb", "#e99d91", "#db6f60", "#c24a3a",
        "#9f2f24", "#86261d", "#6d1f18", "#561813", "#3f110d", name="seal",
    )  # fmt: skip
    return themes.Base(
        primary_hue=seal,
        neutral_hue=themes.colors.stone,
        font=list(_SANS),
        font_mono=list(_MONO),
        radius_size=themes.sizes.radius_lg,
    ).set(
        body_background_fill="#faf7f1",
        body_background_fill_dark="#171411",
        body_text_color="#221e19",
        body_text_color_dark="#ece5da",
        button_primary_background_fill="#9f2f24",
        button_primary_background_fill_hover="#86261d",
        button_primary_background_fill_dark="#c24a3a",
        button_primary_background_fill_hover_dark="#a83c2e",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="#ffffff",
        input_background_fill="#fffdf9",
        input_background_fill_dark="#221d19",
    )
