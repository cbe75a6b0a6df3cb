// One question with its answer and, beside it, the evidence.
import { Text, articleUrl, evidence, fill, h, marked, passageMarks, withoutHeadline } from "./core.js";

let counter = 0;

/**
 * Draws a turn from its state, again at each change.
 * turn: {question, state: "asking" | "answered" | "stopped" | "failed", stage, passages, answer,
 *        error, verdict, suggestions}
 * actions: {retry, ask, open, judge, copy, link}
 */
export class TurnView {
  constructor(turn, actions) {
    this.turn = turn;
    this.actions = actions;
    this.prefix = `wj-t${++counter}`;
    this.element = h("section", { class: "wj-turn", "aria-labelledby": `${this.prefix}-q` });
  }

  draw(words) {
    const { turn } = this;
    this.words = words;
    this.element.dataset.state = turn.state;
    fill(
      this.element,
      h(
        "h2",
        { class: "wj-asked", id: `${this.prefix}-q`, dir: "auto" },
        h("span", { class: "wj-sr" }, `${words.you}: `),
        turn.question,
      ),
      h("div", { class: "wj-said" }, this.said()),
      this.aside(),
    );
  }

  said() {
    const { turn, words } = this;
    switch (turn.state) {
      case "answered":
        return [
          turn.answer.abstained ? this.abstention() : this.answer(),
          this.suggestions(),
          this.toolbar(),
        ];
      case "stopped":
        return h("p", { class: "wj-note" }, `${words.stopped} `, this.retry());
      case "failed":
        return h(
          "p",
          { class: "wj-note wj-failed", role: "alert" },
          `${words.errors[turn.error] || words.errors.internal} `,
          this.retry(),
        );
      default:
        if (turn.sentences?.length) return h("p", { class: "wj-text wj-long", dir: "auto" }, turn.sentences.join(""));
        return h(
          "p",
          { class: "wj-progress" },
          h("span", { class: "wj-dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")),
          turn.stage === "loading"
            ? words.loadingModels
            : turn.stage === "reading"
              ? words.reading
              : words.searching,
        );
    }
  }

  answer() {
    const { answer } = this.turn;
    const { words } = this;
    const items = answer.answers ?? [answer.answer];
    const left = new Set(answer.citations);
    const of = (item, n) => {
      let own = answer.citations.filter((citation) => left.has(citation) && answers(citation, item));
      if (items.includes(item, n + 1)) own = own.slice(0, 1); // two parts have the same answer
      own.forEach((citation) => left.delete(citation));
      return own.map((citation) => this.marker(citation));
    };
    const lines = items.map((item, n) => [h("span", { dir: "auto" }, this.withMarkers(item, left)), of(item, n)]);
    const rest = [...left].map((citation) => this.marker(citation));
    return h(
      "div",
      { class: "wj-answer" },
      items.length > 1
        ? [
            h(
              "ul",
              { class: "wj-text" },
              lines.map((line) => h("li", {}, line)),
            ),
            rest.length ? h("p", {}, rest) : null,
          ]
        : h("p", { class: `wj-text${answer.answer.length > 40 ? " wj-long" : ""}` }, lines[0], rest),
      (answer.notes ?? [])
        .filter((code) => words.notes[code])
        .map((code) => h("p", { class: "wj-hint" }, words.notes[code])),
      this.readAs(),
    );
  }

  /** What a follow-up was taken to mean, for who wants to know. */
  readAs() {
    const { turn, words } = this;
    if (!turn.answer.query || turn.answer.query === turn.question) return null;
    return h(
      "details",
      { class: "wj-scores wj-read" },
      h("summary", {}, words.readAs),
      h("p", { dir: "auto" }, turn.answer.query),
    );
  }

  /** A written answer names its citations as [1] in the text; they become links where they stand. */
  withMarkers(text, left) {
    return text.split(/\[(\d{1,3})\]/).map((part, place) => {
      const citation = place % 2 ? [...this.turn.answer.citations].find((one) => one.marker === Number(part)) : null;
      if (!citation) return place % 2 ? `[${part}]` : part;
      left.delete(citation);
      return this.marker(citation);
    });
  }

  marker(citation) {
    return h(
      "a",
      {
        class: "wj-marker",
        href: `#${this.prefix}-c${citation.marker}`,
        "aria-label": this.words.goToCitation(citation.marker),
        onclick: (event) => {
          event.preventDefault();
          const card = document.getElementById(`${this.prefix}-c${citation.marker}`);
          card.closest(".wj-card").scrollIntoView({ block: "nearest", behavior: "smooth" });
          card.focus({ preventScroll: true });
        },
      },
      String(citation.marker),
    );
  }

  abstention() {
    const { turn, words } = this;
    return h(
      "div",
      { class: "wj-answer wj-abstained" },
      h("p", { class: "wj-text wj-long" }, words.abstained),
      h("p", { class: "wj-hint", dir: "auto" }, words.lookedFor(turn.answer.query ?? turn.question)),
    );
  }

  suggestions() {
    const { turn, words } = this;
    if (!turn.suggestions?.length) return null;
    return h(
      "div",
      { class: "wj-suggest" },
      h("p", {}, turn.answer.abstained ? words.askInstead : words.followUp),
      turn.suggestions.map((question) =>
        h("button", { type: "button", dir: "auto", onclick: () => this.actions.ask(question) }, question),
      ),
    );
  }

  toolbar() {
    const { turn, words, actions } = this;
    const tool = (icon, label, onclick, pressed) =>
      h(
        "button",
        {
          type: "button",
          class: "wj-tool",
          title: label,
          "aria-label": label,
          "aria-pressed": pressed === undefined ? null : String(pressed),
          onclick,
        },
        svg(icon),
      );
    const judge = (verdict) => () => {
      turn.verdict = turn.verdict === verdict ? null : verdict;
      turn.judged = null;
      actions.judge(turn.verdict ?? "withdrawn", null); // a reason follows as another verdict
      this.draw(words);
      this.element.querySelector(turn.verdict === "down" ? ".wj-reason textarea" : `.wj-${verdict}`)?.focus();
    };
    const up = tool("up", words.good, judge("up"), turn.verdict === "up");
    const down = tool("down", words.bad, judge("down"), turn.verdict === "down");
    up.classList.add("wj-up");
    down.classList.add("wj-down");
    return [
      h(
        "div",
        { class: "wj-tools" },
        turn.answer.abstained ? null : tool("copy", words.copy, () => actions.copy()),
        tool("link", words.link, () => actions.link()),
        up,
        down,
        turn.answer.abstained
          ? null
          : h("span", { class: "wj-sure" }, words.confidence(Math.round(turn.answer.confidence * 100))),
      ),
      turn.verdict === "down" && !turn.judged ? this.reason() : null,
      turn.judged ? h("p", { class: "wj-hint", role: "status" }, words[turn.judged]) : null,
    ];
  }

  reason() {
    const { words, actions, turn } = this;
    const comment = h("textarea", { rows: 2, maxlength: 500, "aria-label": words.whatWrong, placeholder: words.whatWrong });
    return h(
      "div",
      { class: "wj-reason" },
      h(
        "div",
        { class: "wj-reasons" },
        words.reasons.map((reason) =>
          h(
            "button",
            {
              type: "button",
              "aria-pressed": "false",
              onclick: (event) => {
                const { target } = event;
                target.setAttribute("aria-pressed", String(target.getAttribute("aria-pressed") !== "true"));
              },
            },
            reason,
          ),
        ),
      ),
      comment,
      h(
        "button",
        {
          type: "button",
          class: "wj-primary",
          onclick: async () => {
            const picked = [...this.element.querySelectorAll(".wj-reasons [aria-pressed=true]")];
            const said = [...picked.map((button) => button.textContent), comment.value.trim()];
            turn.judged = (await actions.judge("down", said.filter(Boolean).join("；") || null))
              ? "thanks"
              : "notKept";
            this.draw(words);
          },
        },
        words.sendFeedback,
      ),
    );
  }

  retry() {
    return h("button", { type: "button", class: "wj-primary", onclick: () => this.actions.retry() }, this.words.retry);
  }

  aside() {
    const { turn, words } = this;
    const passages = turn.answer?.passages ?? turn.passages ?? [];
    if (!passages.length) return "";
    const groups = turn.answer && !turn.answer.abstained ? evidence(turn.answer) : [];
    const shown = new Set(groups.map((group) => group.passage.passage_id));
    const others = passages.filter((passage) => !shown.has(passage.passage_id));
    const label = groups.length ? words.evidence : turn.answer ? words.nearest : words.found;
    const list = others.map((passage) => this.card(passage, []));
    return h(
      "aside",
      { class: "wj-evidence", "aria-label": label },
      h("p", { class: "wj-label", "aria-hidden": "true" }, label),
      groups.map((group) => this.card(group.passage, group.citations)),
      groups.length && list.length
        ? h("details", { class: "wj-others" }, h("summary", {}, words.others(list.length)), list)
        : list,
    );
  }

  card(passage, citations) {
    const { words } = this;
    const cited = citations[0];
    const meta = cited ? [cited.newspaper, cited.authors?.join(" "), cited.date].filter(Boolean).join(" · ") : "";
    const text = new Text(passage.text);
    const shifted = passageMarks(passage, citations).map((mark) => ({
      ...mark,
      start: Math.max(0, mark.start - passage.start),
      end: Math.min(text.length, mark.end - passage.start),
    }));
    const short = withoutHeadline(passage.text, passage.title);
    const end = shifted.some((mark) => mark.end > short) ? text.length : short;
    const open = () => this.actions.open(passage, citations);
    const named = passage.title ?? words.untitled;
    return h(
      "article",
      { class: `wj-card${cited ? " wj-cited" : ""}`, "aria-label": named },
      h(
        "h3",
        { dir: "auto" },
        citations.map((citation) =>
          h("span", { class: "wj-number", id: `${this.prefix}-c${citation.marker}`, tabindex: -1 }, String(citation.marker)),
        ),
        named,
      ),
      meta ? h("p", { class: "wj-meta", dir: "auto" }, meta) : null,
      h("blockquote", { dir: "auto", onclick: open }, marked(text, 0, end, shifted)),
      h(
        "div",
        { class: "wj-foot" },
        h(
          "a",
          {
            class: "wj-open",
            href: articleUrl(document.baseURI, passage.article_id, spanOf(passage, citations), cited?.fragment),
            "aria-label": `${words.openArticle}: ${named}`,
            onclick: (event) => {
              if (event.metaKey || event.ctrlKey || event.shiftKey) return;
              event.preventDefault();
              open();
            },
          },
          words.openArticle,
        ),
        this.scores(passage),
      ),
    );
  }

  scores(passage) {
    const { words } = this;
    const rows = Object.entries({ score: passage.score, ...passage.scores }).filter(
      ([name, value]) => words.scoreNames[name] && typeof value === "number",
    );
    if (!rows.length) return null;
    return h(
      "details",
      { class: "wj-scores" },
      h("summary", {}, words.scores),
      h(
        "dl",
        {},
        rows.map(([name, value]) => h("div", {}, h("dt", {}, words.scoreNames[name]), h("dd", {}, value.toFixed(value < 1.5 ? 3 : 1)))),
      ),
    );
  }
}

/** What is marked when the article is opened from a card. */
export function spanOf(passage, citations) {
  const [cited] = citations;
  return cited ? { start: cited.answer_start, end: cited.answer_end } : { start: passage.start, end: passage.end };
}

function answers(citation, item) {
  const said = new Text(citation.quote).slice(
    citation.answer_start - citation.start,
    citation.answer_end - citation.start,
  );
  const bare = (text) => text.replace(/\s+/g, "");
  return bare(said) === bare(item);
}

const ICONS = {
  copy: "M9 9h10v11H9zM5 15H4V4h11v1",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4.2 4.2 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4.2 4.2 0 0 0 6 6l1-1",
  up: "M7 11v9H4v-9zM7 11l4-8c2 0 3 1 2.500 3.500L13 10h6l-1.500 8.500c-.3 1-.9 1.500-2 1.500H7",
  down: "M7 13V4H4v9zM7 13l4 8c2 0 3-1 2.500-3.500L13 14h6l-1.500-8.500C17.200 4.500 16.600 4 15.500 4H7",
  menu: "M4 7h16M4 12h16M4 17h16",
  close: "M6 6l12 12M18 6 6 18",
  more: "M6 12h.01M12 12h.01M18 12h.01",
  plus: "M12 5v14M5 12h14",
  theme: "M12 4a8 8 0 1 0 0 16zM12 4a8 8 0 0 1 0 16",
  globe: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3.500 9h17M3.500 15h17M12 3c-5 5-5 13 0 18M12 3c5 5 5 13 0 18",
  news: "M5 4h11v16H6.500A2.500 2.500 0 0 1 4 17.500V5zM16 9h4v8.500a2.500 2.500 0 0 1-2.500 2.500M8 8h5M8 12h5M8 16h5",
};

export function svg(name) {
  const space = "http://www.w3.org/2000/svg";
  const icon = document.createElementNS(space, "svg");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", ICONS[name]);
  icon.append(path);
  return icon;
}
