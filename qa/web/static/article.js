// The whole article in a sheet over the chat, scrolled to what was cited.
import { Text, articleUrl, fill, h, marked } from "./core.js";
import { svg } from "./turn.js";

export class ArticleSheet {
  constructor(base) {
    this.base = base;
    this.fetched = new Map();
    this.element = h("dialog", {
      class: "wj-sheet",
      "aria-labelledby": "wj-sheet-title",
      onclick: (event) => event.target === this.element && this.element.close(),
    });
  }

  /** Shows article `id`; `citations` are marked, `span` is scrolled to. */
  async open(id, span, citations, words) {
    let article;
    try {
      article = await this.get(id);
    } catch (error) {
      article = null;
      fill(
      this.element,
        this.bar(words, null),
        h("p", { class: "wj-note", role: "alert", id: "wj-sheet-title" }, words.errors[error.message] || words.errors.network),
      );
    }
    if (article) this.draw(article, span, citations, words);
    if (!this.element.open) this.element.showModal();
    const cited = this.element.querySelector("#wj-cited");
    if (!cited) return;
    cited.scrollIntoView({ block: "center" });
    cited.focus({ preventScroll: true });
  }

  async get(id) {
    if (!this.fetched.has(id)) {
      const response = await fetch(new URL(`api/articles/${encodeURIComponent(id)}`, this.base));
      if (!response.ok) throw new Error(response.status === 404 ? "articleGone" : "network");
      this.fetched.set(id, await response.json());
    }
    return this.fetched.get(id);
  }

  bar(words, href, title) {
    return h(
      "div",
      { class: "wj-sheet-bar" },
      h("span", { class: "wj-sheet-name", "aria-hidden": "true", dir: "auto" }, title ?? ""),
      href ? h("a", { class: "wj-open", href, target: "_blank", rel: "noopener" }, words.ownPage) : null,
      h(
        "button",
        { type: "button", class: "wj-tool", "aria-label": words.close, title: words.close, onclick: () => this.element.close() },
        svg("close"),
      ),
    );
  }

  draw(article, span, citations, words) {
    const text = new Text(article.text);
    const own = citations.filter((citation) => citation.article_id === article.article_id);
    const marks = [
      ...own.map((citation) => ({
        start: citation.start,
        end: citation.end,
        tag: "span",
        attributes: { class: "quote" },
      })),
      ...own
        .filter((citation) => citation.answer_start !== span.start || citation.answer_end !== span.end)
        .map((citation) => ({ start: citation.answer_start, end: citation.answer_end })),
      {
        ...span,
        tag: own.length ? "mark" : "span",
        attributes: { class: own.length ? "wj-now" : "wj-now quote", tabindex: -1 },
      },
    ];
    const paragraphs = [];
    let start = 0;
    for (const line of article.text.split("\n")) {
      const end = start + new Text(line).length;
      if (end > start) {
        const headline = article.headline && article.headline.start <= start && end <= article.headline.end;
        paragraphs.push(
          h("p", { dir: "auto", class: headline ? "wj-headline" : null }, marked(text, start, end, marks)),
        );
      }
      start = end + 1;
    }
    const [cited] = own;
    const page = cited?.source.page ?? article.source.page;
    const meta = [article.newspaper, article.date, article.authors.join(" ")].filter(Boolean).join(" · ");
    const file = [
      article.source.path,
      page ? words.page(page) : null,
      `${article.source.start}–${article.source.end}`,
    ];
    fill(
      this.element,
      this.bar(words, articleUrl(this.base, article.article_id, span, cited?.fragment), article.title),
      h(
        "article",
        { lang: "zh-CN" },
        article.kicker ? h("p", { class: "wj-kicker", dir: "auto" }, article.kicker) : null,
        h("h2", { id: "wj-sheet-title", dir: "auto" }, article.title ?? words.untitled),
        meta ? h("p", { class: "wj-meta", dir: "auto" }, meta) : null,
        article.pictures && page ? this.picture(article, page, words) : null,
        h("div", { class: "wj-body" }, paragraphs),
        h("p", { class: "wj-file", dir: "auto" }, `${words.file}: ${file.filter(Boolean).join(" · ")}`),
      ),
    );
    this.element.querySelector(".wj-now")?.setAttribute("id", "wj-cited");
  }

  /** The page of a PDF as printed; asked for when it is opened. */
  picture(article, page, words) {
    const src = new URL(`articles/${encodeURIComponent(article.article_id)}/pages/${page}.png`, this.base).href;
    const shown = h(
      "details",
      {
        class: "wj-page",
        ontoggle: () => {
          if (!shown.open || shown.querySelector("img")) return;
          const failed = () => fill(shown.lastChild, words.noPicture);
          shown.append(h("p", {}, h("img", { src, alt: words.asPrinted(page), onerror: failed })));
        },
      },
      h("summary", {}, words.asPrinted(page)),
    );
    return shown;
  }
}
