"""What is said of a database never holds its password."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.database import database_errors, driver, shown
from index.errors import BadRequest, DatabaseUnusable
from index.push import push


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://h/x", "postgresql://h/x"),
        ("postgres://u:geheim@h:5432/x?sslmode=require", "postgres://h:5432/x"),
        ("postgresql://u:geheim@[::1]:5432,other/x", "postgresql://[::1]:5432,other/x"),
        ("postgresql:///x?host=/run&password=geheim", "postgresql:///x"),
        ("postgresql://h/x?user=u@x&password=geheim", "postgresql://h/x"),
        ("postgresql://h?user=u&password=geheim", "postgresql://h"),
        # Where the driver and a reader would split it in different places, nothing is shown.
        ("postgresql://h?user=u@x&password=geheim", "postgresql://…"),
        ("postgresql://u:geh@geheim@h/x", "postgresql://…"),
        ("postgresql://u:geheim/geheim@h/x", "postgresql://…"),
        ("postgresql://u:geheim?geheim@h/x", "postgresql://…"),
        ("postgresql://u:geheim/x", "postgresql://…"),  # no host, the password in its place
        ("host=db password=geheim", "postgresql://…"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, expected: str) -> None:
    assert shown(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:geheim%zz@h/x",  # the driver quotes what it cannot read
        "postgresql://u:geheim/x",
        "postgresql://127.0.0.1:1?user=u@x&password=geheim",
        "postgresql://u:geheim@127.0.0.1:1/x",
    ],
)
def test_no_error_tells_the_password(url: str) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(DatabaseUnusable) as refused, database_errors(url):
        driver().connect(url)
    assert "geheim" not in str(refused.value)


def test_a_push_wants_a_url(tmp_path: Path) -> None:
    with pytest.raises(BadRequest) as refused:
        push(tmp_path, "host=db password=geheim")
    assert "geheim" not in str(refused.value)
