"""What every test may rely on: no network, no hub, caches of the tests' own machine kept."""

from __future__ import annotations

import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # before huggingface_hub is first imported
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
