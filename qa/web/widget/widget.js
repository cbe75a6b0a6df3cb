// The widget: <wenju-chat>, or the script tag alone, which makes one from its data-* options.
import { ask, articleUrl, fill, h, marked, Text } from "../static/core.js";
import { styled } from "./style.js";
import { WIDGET_WORDS } from "./words.js";

const SCRIPT = document.currentScript;
const HOME = new URL(".", SCRIPT ? SCRIPT.src : document.baseURI).href.replace(/widget\/$/, "");
const SVG = "http://www.w3.org/2000/svg";
const CHAT = "M4 5h16v11H10l-5 4v-4H4zM8 9h8M8 12h5";
const CROSS = "M6 6l12 12M18 6 6 18";

function icon(d) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", d);
  svg.append(path);
  return svg;
}

/**
 * Attributes: mode ("button" or "inline"), heading, lang ("zh" or "en"), theme ("auto", "light"
 * or "dark"), position ("right" or "left"), placeholder, server (address of the Wenju site).
 * Methods: open(), close(), ask(question), stop(), clear().
 * Events, which bubble: wenju-open, wenju-close, wenju-question, wenju-answer, wenju-error.
 */
class WenjuChat extends HTMLElement {
  static observedAttributes = ["mode", "heading", "lang", "theme", "position", "placeholder"];

  constructor() {
    super();
    this.turns = [];
    this.running = null;
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.schemeChanged = () => this.applyTheme();
    this.attachShadow({ mode: "open" });
    styled(this.shadowRoot);
  }

  connectedCallback() {
    if (!this.hasAttribute("mode")) this.setAttribute("mode", "button");
    this.scheme.addEventListener("change", this.schemeChanged);
    if (!this.panel) this.build();
    this.draw();
    if (this.inline) this.greet();
  }

  disconnectedCallback() {
    this.stop();
    this.scheme.removeEventListener("change", this.schemeChanged);
  }

  attributeChangedCallback() {
    if (this.panel) this.draw();
  }

  get inline() {
    return this.getAttribute("mode") === "inline";
  }

  get server() {
    const given = this.getAttribute("server");
    return given ? new URL(given.replace(/\/?$/, "/"), document.baseURI).href : HOME;
  }

  get language() {
    const named = this.getAttribute("lang") || document.documentElement.lang || navigator.language;
    return /^en/i.test(named) ? "en" : "zh";
  }

  get words() {
    return WIDGET_WORDS[this.language];
  }

  build() {
    this.launch = h("button", { class: "launch", type: "button", "aria-haspopup": "dialog", onclick: () => this.open() });
    this.name = h("h2", { id: "name" });
    this.shut = h("button", { class: "icon", type: "button", onclick: () => this.close() }, icon(CROSS));
    this.log = h("div", { class: "log", tabindex: 0, role: "region" });
    this.live = h("p", { class: "sr", role: "status", "aria-live": "polite" });
    this.field = h("textarea", {
      rows: 1,
      maxlength: 1000,
      onkeydown: (event) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
        event.preventDefault();
        this.submit();
      },
    });
    this.send = h("button", { class: "go", type: "submit" });
    this.halt = h("button", { class: "go stop", type: "button", hidden: true, onclick: () => this.stop() });
    const form = h(
      "form",
      {
        onsubmit: (event) => {
          event.preventDefault();
          this.submit();
        },
      },
      this.field,
      this.send,
      this.halt,
    );
    this.panel = h(
      "section",
      {
        class: "panel",
        "aria-labelledby": "name",
        onkeydown: (event) => {
          event.stopPropagation(); // the host page's shortcuts are not meant
          if (event.key !== "Escape") return;
          if (this.running) this.stop();
          else if (!this.inline) this.close();
        },
      },
      h("header", {}, this.name, this.shut),
      this.log,
      form,
      this.live,
    );
    this.panel.hidden = !this.inline;
    this.shadowRoot.append(this.launch, this.panel);
  }

  draw() {
    const { words } = this;
    const title = this.getAttribute("heading") || words.title;
    this.panel.lang = this.language === "zh" ? "zh-CN" : "en";
    this.panel.setAttribute("role", this.inline ? "region" : "dialog");
    fill(this.launch, icon(CHAT), title);
    this.launch.setAttribute("aria-label", `${words.open}: ${title}`);
    this.launch.hidden = this.inline || !this.panel.hidden;
    this.name.textContent = title;
    this.shut.setAttribute("aria-label", words.close);
    this.shut.hidden = this.inline;
    this.log.setAttribute("aria-label", title);
    this.field.placeholder = this.getAttribute("placeholder") || words.placeholder;
    this.field.setAttribute("aria-label", words.question);
    this.send.textContent = words.send;
    this.halt.textContent = words.stop;
    this.applyTheme();
    this.drawLog();
  }

  applyTheme() {
    const theme = this.getAttribute("theme") || "auto";
    const dark = theme === "dark" || (theme === "auto" && this.scheme.matches);
    this.setAttribute("scheme", dark ? "dark" : "light");
  }

  open() {
    if (this.inline || !this.panel.hidden) return;
    this.panel.hidden = false;
    this.launch.hidden = true;
    this.field.focus();
    this.greet();
    this.emit("open");
  }

  close() {
    if (this.inline || this.panel.hidden) return;
    this.panel.hidden = true;
    this.launch.hidden = false;
    this.launch.focus();
    this.emit("close");
  }

  clear() {
    this.stop();
    this.turns = [];
    this.drawLog();
  }

  stop() {
    this.running?.abort();
  }

  emit(name, detail) {
    this.dispatchEvent(new CustomEvent(`wenju-${name}`, { detail, bubbles: true, composed: true }));
  }

  /** Fetches example questions, the first request after the script itself. */
  async greet() {
    if (this.examples) return;
    this.examples = [];
    try {
      const response = await fetch(new URL(`api/examples?n=3&lang=${this.language}`, this.server));
      if (response.ok) this.examples = (await response.json()).examples;
    } catch {
      // asking will say what is wrong
    }
    if (!this.turns.length) this.drawLog();
  }

  submit() {
    const question = this.field.value.trim();
    if (!question || this.running) return;
    this.field.value = "";
    this.ask(question);
  }

  /** Resolves to the answer, or to null when there was none. */
  async ask(question) {
    if (this.running) return null;
    this.open();
    const turn = { question };
    this.turns.push(turn);
    return this.run(turn);
  }

  async run(turn) {
    const { words } = this;
    const history = this.turns
      .slice(0, this.turns.indexOf(turn))
      .filter((one) => one.answer)
      .slice(-10)
      .flatMap((one) => [
        { role: "user", content: one.question },
        { role: "assistant", content: one.answer.answer ?? "" },
      ]);
    const controller = new AbortController();
    this.running = controller;
    Object.assign(turn, { error: null, stage: "searching" });
    this.emit("question", { question: turn.question });
    if (!turn.element) {
      if (this.turns.length === 1) this.drawLog(); // the examples go
      else this.log.append((turn.element = h("div", { class: "turn" })));
    }
    this.drawTurn(turn);
    this.live.textContent = words.searching;
    try {
      for await (const { event, data } of ask(this.server, turn.question, history, controller.signal)) {
        if (event === "loading") turn.stage = "loading";
        if (event === "passages") turn.passages = data.passages;
        if (event === "answer") turn.answer = data;
        this.drawTurn(turn);
      }
    } catch (error) {
      if (!turn.answer) {
        turn.error = controller.signal.aborted ? "stopped" : (error.code ?? "other");
        this.emit("error", { question: turn.question, code: turn.error });
        if (turn.error === "network") {
          console.warn(`Wenju: no answer from ${this.server}. If it is up, start it with --origin ${location.origin}`);
        }
      }
    }
    this.running = null;
    this.drawTurn(turn);
    if (!turn.answer) {
      this.live.textContent = words.errors[turn.error] ?? words.errors.other;
      return null;
    }
    this.live.textContent = `${words.answered}: ${turn.answer.answer ?? words.abstained}`;
    this.emit("answer", turn.answer);
    return turn.answer;
  }

  drawLog() {
    const { words } = this;
    fill(
      this.log,
      h(
        "div",
        {},
        h("p", { class: "soft" }, words.hello),
        this.examples?.length && !this.turns.length
          ? h(
              "div",
              { class: "examples" },
              h("p", { class: "soft" }, words.try),
              this.examples.map(({ question }) =>
                h("button", { type: "button", dir: "auto", onclick: () => this.ask(question) }, question),
              ),
            )
          : null,
      ),
      this.turns.map((turn) => (turn.element = h("div", { class: "turn" }))),
    );
    this.turns.forEach((turn) => this.drawTurn(turn));
  }

  drawTurn(turn) {
    const { words } = this;
    const number = this.turns.indexOf(turn);
    this.send.hidden = Boolean(this.running);
    this.halt.hidden = !this.running;
    let said;
    if (turn.answer) said = turn.answer.abstained ? this.abstention(turn.answer) : this.answer(turn.answer, number);
    else if (turn.error) {
      said = h(
        "p",
        { class: "soft" },
        turn.error === "stopped" ? words.stopped : (words.errors[turn.error] ?? words.errors.other),
        h("button", { class: "again", type: "button", onclick: () => !this.running && this.run(turn) }, words.retry),
      );
    } else said = h("p", { class: "soft" }, words[turn.stage]);
    fill(turn.element, h("p", { class: "asked", dir: "auto" }, turn.question), said);
    turn.element.scrollIntoView({ block: "nearest" });
  }

  answer(answer, number) {
    const { words } = this;
    const items = answer.answers ?? [answer.answer];
    const markers = answer.citations.map((citation) =>
      h(
        "a",
        {
          class: "marker",
          href: articleUrl(this.server, citation.article_id, { start: citation.answer_start, end: citation.answer_end }, citation.fragment),
          "aria-label": words.cite(citation.marker),
          onclick: (event) => {
            event.preventDefault();
            this.shadowRoot.getElementById(`c${number}-${citation.marker}`).focus();
          },
        },
        String(citation.marker),
      ),
    );
    const [only] = items;
    return [
      items.length > 1
        ? h("div", { class: "said" }, h("ul", {}, items.map((item) => h("li", { dir: "auto" }, item))), markers)
        : h("p", { class: `said${only.length > 40 ? " long" : ""}` }, h("span", { dir: "auto" }, only), markers),
      (answer.notes ?? [])
        .filter((code) => words.notes[code])
        .map((code) => h("p", { class: "soft" }, words.notes[code])),
      answer.citations.map((citation) => this.citation(citation, number)),
    ];
  }

  citation(citation, number) {
    const quote = new Text(citation.quote);
    const mark = { start: citation.answer_start - citation.start, end: citation.answer_end - citation.start };
    return h(
      "div",
      { class: "cite", id: `c${number}-${citation.marker}`, tabindex: -1 },
      h("blockquote", { dir: "auto" }, h("span", { class: "quote" }, marked(quote, 0, quote.length, [mark]))),
      this.link(citation, { start: citation.answer_start, end: citation.answer_end }, `[${citation.marker}] `),
    );
  }

  abstention(answer) {
    const { words } = this;
    const seen = new Map();
    for (const passage of answer.passages) if (!seen.has(passage.article_id)) seen.set(passage.article_id, passage);
    return [
      h("p", { class: "said long" }, words.abstained),
      seen.size
        ? h(
            "div",
            { class: "cite" },
            h("p", { class: "soft" }, words.nearest),
            [...seen.values()].slice(0, 3).map((passage) => h("p", {}, this.link(passage, passage, ""))),
          )
        : null,
    ];
  }

  link(from, span, before) {
    const { words } = this;
    const title = from.title ?? words.untitled;
    return h(
      "a",
      {
        href: articleUrl(this.server, from.article_id, span, from.fragment),
        target: "_blank",
        rel: "noopener",
        dir: "auto",
        "aria-label": `${before}${title} (${words.newTab})`,
      },
      `${before}${title} ↗`,
    );
  }
}

if (!customElements.get("wenju-chat")) customElements.define("wenju-chat", WenjuChat);

function start() {
  const { title, target, ...options } = SCRIPT.dataset;
  const element = document.createElement("wenju-chat");
  if (title) element.setAttribute("heading", title);
  for (const name of ["mode", "lang", "theme", "position", "placeholder", "server"]) {
    if (options[name]) element.setAttribute(name, options[name]);
  }
  const place = target ? document.querySelector(target) : null;
  if (place) place.append(element);
  else if (options.mode === "inline") SCRIPT.after(element);
  else document.body.append(element);
  window.Wenju = {
    element,
    open: () => element.open(),
    close: () => element.close(),
    ask: (question) => element.ask(question),
    clear: () => element.clear(),
  };
  document.dispatchEvent(new CustomEvent("wenju-ready", { detail: window.Wenju }));
}

// data-auto="off" only defines the element
if (SCRIPT && SCRIPT.dataset.auto !== "off") {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
}
