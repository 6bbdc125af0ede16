"""Markdown as the text that a reader sees, with spans for what looks different."""

from collections.abc import Callable
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from services.worker.channels.split import Rich, Span

INLINE = {"strong": "bold", "em": "italic", "s": "strikethrough"}
"""Kinds of spans are called as Telegram calls its entities."""
LINKS = ("http://", "https://", "tg://")
RULE = "———"
NESTING = 60
"""Quotations and lists in one another; a text with more is shown as it was written."""


def rich_text(markdown: str) -> Rich:
    """The text that a reader sees, and what is bold, code or a link in it."""
    tokens = _parser().parse(markdown)
    if any(token.level >= NESTING - 1 for token in tokens):  # the parser drops what is deeper
        return Rich(markdown)
    writer = _Writer()
    writer.blocks(tokens)
    return writer.rich()


@cache
def _parser() -> MarkdownIt:
    """Making one takes longer than a message."""
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": NESTING})
    return parser.enable(["strikethrough", "table"])


class _Writer:
    """Writes token after token. Flat, for people nest deeper than a call stack."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._at = 0
        self._gap = 0
        """Line ends that are due before the next text."""
        self._open: list[tuple[int, str, str]] = []
        self._spans: list[Span] = []
        self._numbers: list[int | None] = []
        """For each list we are in: the next item's number, or None for a bullet."""
        self._quotes = 0
        self._cells = 0
        self._special: dict[str, Callable[[Token], None]] = {
            "inline": lambda token: self.blocks(token.children or []),
            "text": lambda token: self._write(token.content),
            "softbreak": lambda token: self._write("\n"),
            "hardbreak": lambda token: self._write("\n"),
            "code_inline": lambda token: self._span("code", token.content),
            "fence": self._program,
            "code_block": self._program,
            "hr": lambda token: self._block(RULE),
            "image": self._image,
            "link_open": lambda token: self._begin(*_link(str(token.attrs.get("href", "")))),
            "link_close": lambda token: self._end(),
            "heading_open": lambda token: self._begin("bold"),
            "heading_close": lambda token: self._end(2),
            "paragraph_close": lambda token: self._due(1 if self._numbers else 2),
            "bullet_list_open": lambda token: self._numbers.append(None),
            "ordered_list_open": lambda token: self._numbers.append(int(token.attrs.get("start", 1))),
            "bullet_list_close": self._end_list,
            "ordered_list_close": self._end_list,
            "list_item_open": self._item,
            "list_item_close": lambda token: self._due(1),
            "blockquote_open": self._quote,
            "blockquote_close": self._end_quote,
            "table_open": lambda token: self._begin("pre"),
            "table_close": lambda token: self._end(2),
            "tr_open": self._row,
            "tr_close": lambda token: self._due(1),
            "th_open": self._cell,
            "td_open": self._cell,
        }

    def blocks(self, tokens: list[Token]) -> None:
        """Write tokens in order; unknown ones show their text."""
        for token in tokens:
            kind = token.type.removesuffix("_open").removesuffix("_close")
            if kind in INLINE and token.nesting == 1:
                self._begin(INLINE[kind])
            elif kind in INLINE:
                self._end()
            elif token.type in self._special:
                self._special[token.type](token)
            elif token.nesting == 0:
                self._write(token.content)

    def rich(self) -> Rich:
        """What was written."""
        spans = sorted(self._spans, key=lambda span: (span.start, -span.end))
        return Rich("".join(self._text), tuple(spans))

    def _write(self, text: str) -> None:
        if text:
            self._flush()
            self._text.append(text)
            self._at += len(text)

    def _flush(self) -> None:
        if self._gap and self._at:
            self._text.append("\n" * self._gap)
            self._at += self._gap
        self._gap = 0

    def _due(self, gap: int) -> None:
        self._gap = max(self._gap, gap)

    def _begin(self, kind: str, value: str = "") -> None:
        self._flush()
        self._open.append((self._at, kind, value))

    def _end(self, gap: int = 0) -> None:
        start, kind, value = self._open.pop()
        if kind and start < self._at:
            self._spans.append(Span(start, self._at, kind, value))
        self._due(gap)

    def _span(self, kind: str, text: str, value: str = "") -> None:
        self._begin(kind, value)
        self._write(text)
        self._end()

    def _block(self, text: str) -> None:
        self._write(text)
        self._due(2)

    def _program(self, token: Token) -> None:
        language = (token.info.split() or [""])[0]
        self._span("pre", token.content.rstrip("\n"), language)
        self._due(2)

    def _image(self, token: Token) -> None:
        url = str(token.attrs.get("src", ""))
        self._span(_link(url)[0], token.content or url, url)

    def _item(self, token: Token) -> None:
        number = self._numbers[-1]
        indent = "   " * (len(self._numbers) - 1)
        self._write(f"{indent}• " if number is None else f"{indent}{number}. ")
        if number is not None:
            self._numbers[-1] = number + 1

    def _end_list(self, token: Token) -> None:
        self._numbers.pop()
        self._due(1 if self._numbers else 2)

    def _quote(self, token: Token) -> None:
        self._quotes += 1  # Telegram refuses a quotation in a quotation
        self._begin("blockquote" if self._quotes == 1 else "")

    def _end_quote(self, token: Token) -> None:
        self._quotes -= 1
        self._end(2)

    def _row(self, token: Token) -> None:
        self._cells = 0

    def _cell(self, token: Token) -> None:
        if self._cells:
            self._write(" | ")
        self._cells += 1


def _link(url: str) -> tuple[str, str]:
    """Kind and value of a link; an address that Telegram cannot open stays plain text."""
    return ("text_link", url) if url.startswith(LINKS) else ("", "")
