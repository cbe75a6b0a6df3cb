"""What a query may be, and how deep it is looked for: the same for every store."""

from __future__ import annotations

from collections.abc import Sequence

from index.errors import BadRequest

DEPTH = 200  # passages taken from each ranking before they are merged
LONGEST_QUERY_TERMS = 400  # a longer query is cut, so that none takes seconds
_LONGEST_QUERY = 10_000  # characters


def checked(queries: Sequence[str]) -> None:
    """Raises BadRequest: a query is blank or longer than 10,000 characters."""
    for query in queries:
        if not query.strip():
            raise BadRequest("the query is empty")
        if len(query) > _LONGEST_QUERY:
            raise BadRequest(f"the query is longer than {_LONGEST_QUERY} characters")
