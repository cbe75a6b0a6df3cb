"""Counters in Prometheus' text format (exposition format 0.0.4)."""

from __future__ import annotations

import threading
from collections import Counter

from qa.logs import log_answer
from qa.schema import Answer

_SECONDS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 5.0, 10.0)


class Metrics:
    """Counts since the process started. Holds no question and no address."""

    def __init__(self, *, log_questions: bool = False) -> None:
        self._log_questions = log_questions
        self._notes: Counter[str] = Counter()
        self._unsupported = 0
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, int]] = Counter()
        self._outcomes: Counter[str] = Counter()
        self._verdicts: Counter[str] = Counter()
        self._buckets = [0] * len(_SECONDS)
        self._seconds = 0.0
        self._asked = 0

    def request(self, route: str, status: int) -> None:
        with self._lock:
            self._requests[route, status] += 1

    def answered(self, answer: Answer, *, seconds: float) -> None:
        log_answer(answer, seconds=seconds, log_questions=self._log_questions)
        with self._lock:
            self._outcomes["abstained" if answer.abstained else "answered"] += 1
            self._notes.update(answer.notes)
            self._unsupported += answer.n_unsupported
            self._asked += 1
            self._seconds += seconds
            for number, bound in enumerate(_SECONDS):
                self._buckets[number] += seconds <= bound

    def judged(self, verdict: str) -> None:
        with self._lock:
            self._verdicts[verdict] += 1

    def render(self, gauges: dict[str, float]) -> str:
        """The page; `gauges` are values of the moment, by name without the prefix."""
        with self._lock:
            lines = ["# TYPE wenju_requests_total counter"]
            for (route, status), n in sorted(self._requests.items()):
                lines.append(f'wenju_requests_total{{route="{route}",status="{status}"}} {n}')
            lines.append("# TYPE wenju_answers_total counter")
            lines += [
                f'wenju_answers_total{{outcome="{outcome}"}} {self._outcomes[outcome]}'
                for outcome in ("answered", "abstained")
            ]
            lines.append("# TYPE wenju_answer_notes_total counter")
            lines += [
                f'wenju_answer_notes_total{{note="{note}"}} {n}'
                for note, n in sorted(self._notes.items())
            ]
            lines.append("# TYPE wenju_unsupported_sentences_total counter")
            lines.append(f"wenju_unsupported_sentences_total {self._unsupported}")
            lines.append("# TYPE wenju_feedback_total counter")
            lines += [
                f'wenju_feedback_total{{verdict="{verdict}"}} {self._verdicts[verdict]}'
                for verdict in ("up", "down")
            ]
            lines.append("# TYPE wenju_ask_seconds histogram")
            for bound, n in zip(_SECONDS, self._buckets, strict=True):
                lines.append(f'wenju_ask_seconds_bucket{{le="{bound}"}} {n}')
            lines.append(f'wenju_ask_seconds_bucket{{le="+Inf"}} {self._asked}')
            lines.append(f"wenju_ask_seconds_sum {self._seconds:.6f}")
            lines.append(f"wenju_ask_seconds_count {self._asked}")
        for name, value in sorted(gauges.items()):
            lines += [f"# TYPE wenju_{name} gauge", f"wenju_{name} {value:g}"]
        return "\n".join(lines) + "\n"
