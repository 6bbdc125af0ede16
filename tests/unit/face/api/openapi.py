"""Holds what an app answers against what its OpenAPI says."""

import re
from typing import Any

import httpx

from tests.unit.face.api.schema import mistakes

METHODS = ("get", "post", "put", "patch", "delete")


class Document:
    """What an app's /openapi.json says."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content
        paths = sorted(self.content["paths"], key=lambda path: path.count("{"))
        self._patterns = [(_pattern(path, "[^/]+"), path) for path in paths]
        self._patterns += [(_pattern(path, ".+"), path) for path in paths]  # a name may have a slash in it

    def operations(self) -> list[tuple[str, str]]:
        """Every method and path."""
        return [
            (method, path)
            for path, operations in self.content["paths"].items()
            for method in METHODS
            if method in operations
        ]

    def operation(self, method: str, path: str) -> dict[str, Any]:
        """What is said of one."""
        found: dict[str, Any] = self.content["paths"][path][method.lower()]
        return found

    def path_of(self, address: str) -> str | None:
        """The path that this address is an example of."""
        address = address.rstrip("/")
        return next((path for pattern, path in self._patterns if pattern.fullmatch(address)), None)

    def check(self, response: httpx.Response) -> None:
        """Raises AssertionError where status, kind or body are not as declared; the body has to be read."""
        method = response.request.method.lower()
        path = self.path_of(response.request.url.path)
        assert path, f"{response.request.url.path} is not declared"
        declared = self.operation(method, path)["responses"].get(str(response.status_code))
        assert declared, f"{method} {path}: {response.status_code} is not declared: {response.text}"
        for name in declared.get("headers", {}) if response.status_code >= 400 else ():
            if name == "Retry-After" and response.status_code == 429:
                assert int(response.headers[name]) > 0
        self._check_body(response, declared.get("content", {}))

    def _check_body(self, response: httpx.Response, content: dict[str, Any]) -> None:
        if not content:
            assert response.content == b""
            return
        kind = response.headers["content-type"].partition(";")[0]
        assert kind in content, f"{kind} is not declared"
        if kind.endswith("json"):
            assert mistakes(response.json(), content[kind]["schema"], self.content) == []


def _pattern(path: str, variable: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{[^}]*\\}", lambda _: variable, re.escape(path)))
