// The chat: joins Gradio's controls, the API and the browser's storage.
import { ArticleSheet } from "./article.js";
import { Conversations, answerToMarkdown, historyOf } from "./conversations.js";
import { ask, fill, h } from "./core.js";
import { Side } from "./side.js";
import { TurnView, spanOf, svg } from "./turn.js";
import { WORDS } from "./words.js";

const BASE = document.baseURI;
const THEMES = ["auto", "light", "dark"];

class Chat {
  constructor() {
    this.language = store("wenju.language") || (/^en/i.test(navigator.language) ? "en" : "zh");
    this.theme = store("wenju.theme") || "auto";
    this.conversations = new Conversations();
    this.conversation = this.conversations.create();
    this.views = [];
    this.running = null; // the AbortController of the question under way
    this.examples = [];
    this.total = null;
    this.sheet = new ArticleSheet(BASE);
    this.side = new Side(this.conversations, {
      open: (id) => this.show(id),
      removed: (id) => (id === this.conversation.id ? this.fresh() : this.drawSide()),
      renamed: () => this.drawSide(),
    });
  }

  get words() {
    return WORDS[this.language];
  }

  mount(controls) {
    Object.assign(this, controls); // app, sideColumn, main, question, send, stop, add
    this.header = h("header", { class: "wj-header" });
    this.log = h("div", { class: "wj-log" });
    this.welcome = h("section", { class: "wj-welcome" });
    this.live = h("p", { class: "wj-sr", role: "status", "aria-live": "polite" });
    this.keys = h("p", { class: "wj-keys" });
    this.veil = h("div", { class: "wj-veil", onclick: () => this.drawer(false) });
    this.main.prepend(this.header, this.welcome, this.log);
    this.main.append(this.keys, this.live);
    this.sideColumn.append(this.side.element);
    this.app.append(this.veil, this.sheet.element);
    this.listen();
    this.applyTheme();
    this.draw();
    this.route();
    this.loadExamples();
  }

  listen() {
    this.send.addEventListener("click", () => this.submit());
    this.stop.addEventListener("click", () => this.running?.abort());
    this.add.addEventListener("click", () => this.fresh());
    this.question.addEventListener("input", () => store("wenju.draft", this.question.value));
    // before Gradio's own listener; an Enter that ends an input method's composition sends nothing
    this.question.addEventListener(
      "keydown",
      (event) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        this.submit();
      },
      { capture: true },
    );
    document.addEventListener("keydown", (event) => this.key(event));
    window.addEventListener("hashchange", () => this.route());
    this.conversations.watch(() =>
      this.conversations.removed(this.conversation.id) ? this.fresh() : this.drawSide(),
    );
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.applyTheme());
  }

  key(event) {
    const typing = /^(TEXTAREA|INPUT)$/.test(event.target.tagName);
    if (this.sheet.element.open) return; // its keys are its own
    if (event.key === "Escape" && this.running) this.running.abort();
    else if (event.key === "Escape") this.drawer(false);
    else if (event.altKey && event.code === "KeyN") this.fresh();
    else if (typing || event.metaKey || event.ctrlKey || event.altKey) return;
    else if (event.key === "/") this.question.focus();
    else if (event.key === "[" || event.key === "]") this.step(event.key === "]" ? 1 : -1);
    else return;
    event.preventDefault();
  }

  /** Moves to the next or previous citation's card. */
  step(by) {
    const numbers = [...this.log.querySelectorAll(".wj-number")];
    if (!numbers.length) return;
    const now = numbers.indexOf(document.activeElement);
    const next = now < 0 ? (by > 0 ? 0 : numbers.length - 1) : (now + by + numbers.length) % numbers.length;
    numbers[next].closest(".wj-card").scrollIntoView({ block: "nearest" });
    numbers[next].focus({ preventScroll: true });
  }

  /** The address decides what is shown: ?q= asks, #c= opens a conversation. */
  route() {
    const url = new URL(location.href);
    const asked = url.searchParams.get("q");
    if (asked?.trim()) {
      url.searchParams.delete("q");
      history.replaceState(null, "", url);
      this.fresh();
      this.ask(asked.trim());
      return;
    }
    const id = url.hash.match(/^#c=(.+)$/)?.[1];
    if (id && id !== this.conversation.id) {
      if (this.conversations.get(id)) this.show(id);
      else this.fresh();
    }
  }

  fresh() {
    this.running?.abort();
    this.conversation = this.conversations.create();
    history.replaceState(null, "", location.pathname + location.search);
    this.drawer(false);
    this.draw();
    this.question.focus();
  }

  show(id) {
    this.running?.abort();
    this.conversation = this.conversations.get(id);
    for (const turn of this.conversation.turns) {
      if (turn.state === "asking") turn.state = "stopped"; // the page was closed meanwhile
    }
    history.replaceState(null, "", `#c=${id}`);
    this.drawer(false);
    this.draw();
    this.log.lastElementChild?.scrollIntoView({ block: "start" });
  }

  submit() {
    const asked = this.question.value.trim();
    if (!asked) return this.question.focus();
    if (this.running) return;
    this.type("");
    store("wenju.draft", "");
    this.ask(asked);
  }

  type(text) {
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(this.question, text);
    this.question.dispatchEvent(new Event("input", { bubbles: true }));
  }

  ask(question) {
    this.running?.abort();
    const turn = { question, state: "asking" };
    this.conversation.turns.push(turn);
    this.append(turn);
    return this.run(turn);
  }

  async run(turn) {
    const { conversation } = this;
    const before = conversation.turns.slice(0, conversation.turns.indexOf(turn));
    const controller = new AbortController();
    this.running = controller;
    Object.assign(turn, { state: "asking", stage: "searching", answer: null, passages: null, sentences: null, error: null });
    const view = this.views.find((one) => one.turn === turn);
    const redraw = () => view.draw(this.words);
    this.busy();
    redraw();
    this.say(this.words.searching);
    view.element.scrollIntoView({ block: "start", behavior: "smooth" });
    this.keep(conversation);
    try {
      for await (const { event, data } of ask(BASE, turn.question, historyOf(before), controller.signal)) {
        if (event === "loading") turn.stage = "loading";
        if (event === "passages") Object.assign(turn, { stage: "reading", passages: data.passages });
        if (event === "sentence") turn.sentences = [...(turn.sentences ?? []), data.text];
        if (event === "answer") Object.assign(turn, { state: "answered", answer: data, passages: null, sentences: null });
        redraw();
      }
      this.say(turn.answer.abstained ? this.words.abstained : `${this.words.answered}: ${turn.answer.answer}`);
    } catch (error) {
      if (turn.state !== "answered") {
        turn.state = controller.signal.aborted ? "stopped" : "failed";
        turn.error = error.code ?? "internal";
        redraw();
        this.say(this.words.stopped);
      }
    }
    if (this.running === controller) this.running = null;
    this.busy();
    this.keep(conversation);
    if (turn.state === "answered") await this.suggest(turn, view, conversation);
  }

  /** What can be asked next: questions the index was seen to answer. */
  async suggest(turn, view, conversation) {
    const from = turn.answer.citations[0]?.article_id ?? turn.answer.passages[0]?.article_id;
    if (!from) return;
    const asked = new Set(conversation.turns.map((one) => one.question));
    const found = await examples(`article=${encodeURIComponent(from)}&n=8&lang=${this.language}`);
    const fit = found.examples.map((example) => example.question).filter((one) => !asked.has(one));
    turn.suggestions = fit.slice(0, 3);
    view.draw(this.words);
    this.keep(conversation);
  }

  keep(conversation) {
    if (conversation !== this.conversation && !this.conversations.get(conversation.id)) return; // deleted
    this.conversations.save(conversation);
    if (conversation === this.conversation) history.replaceState(null, "", `#c=${conversation.id}`);
    this.drawSide();
  }

  append(turn) {
    const view = new TurnView(turn, {
      retry: () => !this.running && this.run(turn),
      ask: (question) => !this.running && this.ask(question),
      open: (passage, citations) =>
        this.sheet.open(passage.article_id, spanOf(passage, citations), turn.answer?.citations ?? [], this.words),
      judge: (verdict, comment) => this.judge(turn, verdict, comment),
      copy: () => this.copy(`${turn.question}\n\n${answerToMarkdown(turn.answer, this.words)}\n`),
      link: () => {
        const url = new URL(BASE);
        url.hash = "";
        url.search = "";
        url.searchParams.set("q", turn.question);
        this.copy(url.href);
      },
    });
    this.views.push(view);
    view.draw(this.words);
    this.log.append(view.element);
    this.welcome.hidden = true;
  }

  async judge(turn, verdict, comment) {
    const { conversation } = this;
    const answered = await fetch(new URL("api/feedback", BASE), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ answer_id: turn.answer.answer_id, verdict, comment }),
    }).catch(() => ({ ok: false }));
    this.say(answered.ok ? this.words.thanks : this.words.notKept);
    this.keep(conversation);
    return answered.ok;
  }

  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // without https there is no clipboard: the old way
      const field = h("textarea", { class: "wj-sr" });
      field.value = text;
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
    this.toast(this.words.copied);
  }

  toast(text) {
    this.say(text);
    const shown = h("div", { class: "wj-toast", "aria-hidden": "true" }, text);
    this.app.append(shown);
    setTimeout(() => shown.remove(), 1800);
  }

  say(text) {
    this.live.textContent = text;
  }

  busy() {
    const on = Boolean(this.running);
    this.app.classList.toggle("wj-busy", on);
    this.send.hidden = on;
    this.stop.hidden = !on;
  }

  drawer(open) {
    this.app.classList.toggle("wj-drawer", open);
    this.menu?.setAttribute("aria-expanded", String(open));
    if (open) this.add.focus();
  }

  draw() {
    const { words } = this;
    document.documentElement.lang = this.language === "zh" ? "zh-CN" : "en";
    this.question.placeholder = words.placeholder;
    this.question.setAttribute("aria-label", words.question);
    label(this.send, words.send);
    label(this.stop, words.stop);
    label(this.add, words.newChat);
    this.keys.textContent = words.keys;
    this.drawHeader();
    this.drawWelcome();
    this.drawSide();
    this.views = [];
    this.log.replaceChildren();
    this.welcome.hidden = this.conversation.turns.length > 0;
    for (const turn of this.conversation.turns) this.append(turn);
    this.busy();
  }

  drawHeader() {
    const { words } = this;
    const theme = words.theme[this.theme];
    this.menu = h(
      "button",
      {
        type: "button",
        class: "wj-tool wj-burger",
        "aria-label": words.openSide,
        "aria-expanded": "false",
        onclick: () => this.drawer(!this.app.classList.contains("wj-drawer")),
      },
      svg("menu"),
    );
    this.header.replaceChildren(
      this.menu,
      h("h1", {}, h("img", { src: new URL("ui/icon.svg", BASE).href, alt: "", width: 30, height: 30 }), words.name),
      h("span", { class: "wj-space" }),
      h(
        "a",
        { class: "wj-tool", href: new URL("articles", BASE).href, "aria-label": words.articlesPage, title: words.articlesPage },
        svg("news"),
      ),
      h(
        "button",
        {
          type: "button",
          class: "wj-tool wj-theme",
          "aria-label": words.themeLabel(theme),
          title: words.themeLabel(theme),
          onclick: () => {
            this.theme = THEMES[(THEMES.indexOf(this.theme) + 1) % THEMES.length];
            store("wenju.theme", this.theme);
            this.applyTheme();
            this.drawHeader();
            this.header.querySelector(".wj-theme").focus();
          },
        },
        svg("theme"),
      ),
      h(
        "button",
        {
          type: "button",
          class: "wj-tool wj-language",
          "aria-label": words.languageLabel,
          onclick: () => {
            this.language = this.language === "zh" ? "en" : "zh";
            store("wenju.language", this.language);
            this.draw();
            this.loadExamples();
            this.header.querySelector(".wj-language").focus();
          },
        },
        svg("globe"),
        h("span", { lang: this.language === "zh" ? "en" : "zh-CN" }, words.language),
      ),
    );
  }

  drawWelcome() {
    const { words } = this;
    this.welcome.setAttribute("aria-label", words.name);
    fill(
      this.welcome,
      h("h2", {}, words.tagline.map((phrase) => h("span", {}, phrase))),
      h("p", {}, words.explain),
      this.examples.length
        ? h(
            "div",
            { class: "wj-examples" },
            h("p", {}, words.tryOne, this.total === null ? null : h("span", {}, words.articles(this.total))),
            h(
              "ul",
              {},
              this.examples.map((example) =>
                h(
                  "li",
                  {},
                  h("button", { type: "button", dir: "auto", onclick: () => !this.running && this.ask(example.question) }, example.question),
                ),
              ),
            ),
          )
        : null,
    );
  }

  drawSide() {
    this.side.draw(this.words, this.conversation.id);
  }

  applyTheme() {
    const dark = this.theme === "dark" || (this.theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
    document.body.classList.toggle("dark", dark);
    document.documentElement.style.colorScheme = dark ? "dark" : "light";
  }

  async loadExamples() {
    for (let tries = 0; tries < 60; tries++) {
      const found = await examples(`n=6&lang=${this.language}`);
      if (JSON.stringify(found.examples) !== JSON.stringify(this.examples) || found.total !== this.total) {
        this.examples = found.examples;
        this.total = found.total;
        if (!this.conversation.turns.length) this.drawWelcome();
      }
      if (found.complete) return;
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
  }
}

async function examples(query) {
  try {
    const response = await fetch(new URL(`api/examples?${query}`, BASE));
    if (response.ok) return await response.json();
  } catch {
    // asked again, or done without
  }
  return { examples: [], total: null, complete: false };
}

/** Reads or writes one value; a browser that stores nothing gets the defaults each time. */
function store(key, value) {
  try {
    if (value === undefined) return localStorage.getItem(key);
    localStorage.setItem(key, value);
  } catch {
    // storage is off
  }
  return null;
}

function label(button, text) {
  const node = [...button.childNodes].find((child) => child.nodeType === Node.TEXT_NODE && child.data.trim());
  if (node) node.data = text;
  else button.append(text);
}

/** Resolves when Gradio has drawn its controls. */
function controls() {
  const find = () => {
    const found = {
      app: document.getElementById("wj-app"),
      sideColumn: document.getElementById("wj-side"),
      main: document.getElementById("wj-main"),
      question: document.querySelector("#wj-question textarea"),
      send: document.getElementById("wj-send"),
      stop: document.getElementById("wj-stop"),
      add: document.getElementById("wj-new"),
    };
    return Object.values(found).every(Boolean) ? found : null;
  };
  return new Promise((resolve) => {
    const look = () => {
      const found = find();
      if (!found) return false;
      observer.disconnect();
      resolve(found);
      return true;
    };
    const observer = new MutationObserver(look);
    if (!look()) observer.observe(document.documentElement, { childList: true, subtree: true });
  });
}

const chat = new Chat();
const draft = store("wenju.draft");
chat.mount(await controls());
if (draft && !chat.running) chat.type(draft);
document.getElementById("wj-boot")?.remove();
document.documentElement.dataset.wenju = "ready";
