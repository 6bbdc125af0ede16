"""Replies are Markdown; nothing in them is ever markup or a script."""

import pytest
from playwright.sync_api import Page, expect

from tests.fakes.page_api import PageApi

RENDER = """async (text) => {
  const { markdown } = await import("/static/markdown.js");
  const place = document.createElement("div");
  place.append(...markdown(text));
  document.body.append(place);
  return place.innerHTML;
}"""

SAFE_LINK = 'target="_blank" rel="noopener noreferrer nofollow"'

ATTACKS = [
    "<script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'>",
    "<svg/onload=window.hacked=1>",
    "[click](javascript:window.hacked=1)",
    "[click](JaVaScRiPt:window.hacked=1)",
    "[click](&#106;avascript:window.hacked=1)",
    "[click](java\tscript:window.hacked=1)",
    "[click](data:text/html,<script>window.hacked=1</script>)",
    "[click](vbscript:msgbox(1))",
    "<javascript:window.hacked=1>",
    "![x](javascript:window.hacked=1)",
    '[click](https://example.org/"onmouseover="window.hacked=1)',
    "```\n</code></pre><script>window.hacked = 1</script>\n```",
    "`<img src=x onerror=window.hacked=1>`",
    "| a |\n|---|\n| <img src=x onerror=window.hacked=1> |",
    "> <iframe srcdoc='<script>parent.hacked=1</script>'></iframe>",
    "# <a href='javascript:window.hacked=1'>x</a>",
    "[<img src=x onerror=window.hacked=1>](https://example.org)",
]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("one\ntwo  \nthree", "<p>one<br>two<br>three</p>"),
        ("one\n\ntwo", "<p>one</p><p>two</p>"),
        ("# Big #\ntext", "<h3>Big</h3><p>text</p>"),
        ("**bold** *italic* __b__ _i_ ~~no~~", "<p><strong>bold</strong> <em>italic</em> <strong>b</strong> "
         "<em>i</em> <s>no</s></p>"),
        ("***both***", "<p><strong><em>both</em></strong></p>"),
        ("*a **b** c*", "<p><em>a <strong>b</strong> c</em></p>"),
        ("snake_case_name and 2 * 3 * 4", "<p>snake_case_name and 2 * 3 * 4</p>"),
        ("**粗體**文字", "<p><strong>粗體</strong>文字</p>"),
        ("\\*not\\* `a *b*`", "<p>*not* <code>a *b*</code></p>"),
        ("``a ` b``", "<p><code>a ` b</code></p>"),
        ("**open and `open", "<p>**open and `open</p>"),
        ("- a\n- b\n  - c", "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>"),
        ("1. a\n    - b\n        - c\n2. d", "<ol><li>a<ul><li>b<ul><li>c</li></ul></li></ul></li><li>d</li></ol>"),
        ("- a\n  ```\n  x\n\n  y", '<ul><li>a<div class="code"><pre tabindex="0"><code>x\n\ny</code></pre></div></li></ul>'),
        ("![a cat](https://x.org/c.png)", f'<p><a href="https://x.org/c.png" {SAFE_LINK}>a cat</a></p>'),
        ("a<br>b<BR/>c<br onclick=x>", "<p>a<br>b<br>c&lt;br onclick=x&gt;</p>"),
        ("3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'),
        ("1. a\n\n   more\n2. b", "<ol><li>a<p>more</p></li><li>b</li></ol>"),
        ("text\n- a\n\nend", "<p>text</p><ul><li>a</li></ul><p>end</p>"),
        ("> a\n> > b", "<blockquote><p>a</p><blockquote><p>b</p></blockquote></blockquote>"),
        ("---", "<hr>"),
        ("[a](https://x.org/b_(c))", f'<p><a href="https://x.org/b_(c)" {SAFE_LINK}>a</a></p>'),
        ("see https://x.org/a_b.", f'<p>see <a href="https://x.org/a_b" {SAFE_LINK}>https://x.org/a_b</a>.</p>'),
        ("<mailto:a@x.org>", f'<p><a href="mailto:a@x.org" {SAFE_LINK}>mailto:a@x.org</a></p>'),
        ("| a | b |\n|---|--:|\n| 1 | 2 \\| 3 |\nend", '<div class="table" tabindex="0"><table>'
         '<thead><tr><th>a</th><th class="end">b</th></tr></thead>'
         '<tbody><tr><td>1</td><td class="end">2 | 3</td></tr></tbody></table></div><p>end</p>'),
        ("```py\nif a < b:\n    go()\n```\nend", '<div class="code"><pre tabindex="0"><code>'
         "if a &lt; b:\n    go()</code></pre></div><p>end</p>"),
        ("```\nstreaming", '<div class="code"><pre tabindex="0"><code>streaming</code></pre></div>'),
    ],
)  # fmt: skip
def test_markdown_becomes(page: Page, api: PageApi, text: str, html: str) -> None:
    page.goto(api.url)
    assert page.evaluate(RENDER, text) == html


def test_no_attack_runs_or_leaves_an_element_of_its_own(page: Page, api: PageApi) -> None:
    page.goto(api.url)
    for attack in ATTACKS:
        page.evaluate(RENDER, attack)
    foreign = page.locator("body > div :is(script, svg, img, iframe, [onerror], [onload], [onmouseover])")
    expect(foreign).to_have_count(0)
    schemes = page.evaluate("[...document.querySelectorAll('body > div a')].map(a => a.protocol)")
    assert set(schemes) == {"https:"}
    assert page.evaluate("window.hacked") is None


def test_pathological_text_does_not_stall_the_page(page: Page, api: PageApi) -> None:
    page.goto(api.url)
    texts = ["*a **" * 3000, "[" * 9000, "> " * 4000, "`" * 9000 + "x", "_a" * 5000, "- " * 4000, "*" * 9000,
             "[a](" * 3000, "|a" * 4000 + "\n" + "|-" * 4000, "~~a" * 4000, "\\" * 9000]  # fmt: skip
    for text in texts:
        started = page.evaluate("performance.now()")
        page.evaluate(RENDER, text)
        assert page.evaluate("performance.now()") - started < 3000, text[:20]
