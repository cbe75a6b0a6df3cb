// Conversations, kept in this browser only.
import { articleUrl } from "./core.js";

const KEY = "wenju.conversations";
const MOST = 100;

/**
 * A conversation: {id, title, named, at, turns: [{question, answer, state, verdict}]}.
 * Every tab writes the whole list, so each change is made to what is stored by then.
 */
export class Conversations {
  constructor() {
    this.all = []; // newest first
    this.stored = new Set(); // ids that were seen in the storage: one that is gone was deleted
    this.read();
  }

  /** What is stored now, with what the storage never took; an object in use stays the same object. */
  read() {
    let found;
    try {
      found = JSON.parse(localStorage.getItem(KEY) || "[]");
    } catch {
      return; // storage is off: this visit only
    }
    const kept = Array.isArray(found) ? found.filter((one) => one && Array.isArray(one.turns)) : [];
    const own = this.all.filter((one) => !this.stored.has(one.id));
    const all = kept.map((one) => {
      const known = this.get(one.id);
      return known?.at >= one.at ? Object.assign(known, { title: one.title, named: one.named }) : one;
    });
    this.all = [...own, ...all].sort((a, b) => b.at - a.at);
    for (const one of kept) this.stored.add(one.id);
  }

  /** Calls `act` after another tab has changed the list. */
  watch(act) {
    window.addEventListener("storage", (event) => {
      if (event.key !== KEY && event.key !== null) return; // null: everything was cleared
      this.read();
      act();
    });
  }

  create() {
    return { id: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`, title: "", at: Date.now(), turns: [] };
  }

  get(id) {
    return this.all.find((one) => one.id === id);
  }

  /** Deleted, here or in another tab. */
  removed(id) {
    return this.stored.has(id) && !this.get(id);
  }

  /** The oldest make way when there are too many, or too much for the browser. */
  save(conversation) {
    this.read();
    if (this.removed(conversation.id)) return;
    conversation.at = Date.now();
    if (!conversation.named) conversation.title = (conversation.turns[0]?.question || "").slice(0, 60);
    this.all = [conversation, ...this.all.filter((one) => one.id !== conversation.id)].slice(0, MOST);
    this.write();
  }

  rename(id, title) {
    this.read();
    const conversation = this.get(id);
    if (!conversation || !title.trim()) return;
    conversation.title = title.trim().slice(0, 120);
    conversation.named = true;
    this.write();
  }

  remove(id) {
    this.read();
    this.all = this.all.filter((one) => one.id !== id);
    this.write();
  }

  write() {
    let kept = this.all;
    while (true) {
      try {
        localStorage.setItem(KEY, JSON.stringify(kept));
        break;
      } catch (error) {
        const full = /quota/i.test(error.name); // Firefox: NS_ERROR_DOM_QUOTA_REACHED
        if (!full || kept.length <= 1) return; // storage is off: this visit only
        kept = kept.slice(0, -1);
      }
    }
    this.all = kept;
    for (const one of kept) this.stored.add(one.id);
  }
}

/** The turns as the API takes them; turns without an answer are left out. */
export function historyOf(turns) {
  return turns
    .filter((turn) => turn.answer)
    .slice(-10)
    .flatMap((turn) => [
      { role: "user", content: turn.question },
      { role: "assistant", content: turn.answer.answer ?? "" },
    ]);
}

function escaped(text) {
  return text.replace(/[\\`*_{}[\]<>#|!~&]/g, "\\$&").replace(/\s*\n\s*/g, " ");
}

/** The cited sentence in its article: a link that can be sent. */
function sentenceUrl(citation) {
  const answer = { start: citation.answer_start, end: citation.answer_end };
  return articleUrl(document.baseURI, citation.article_id, answer, citation.fragment);
}

/** Answer and citations as Markdown; nothing in an article can become markup. */
export function answerToMarkdown(answer, words) {
  if (answer.abstained) return words.abstained;
  const markers = answer.citations.map((citation) => `[${citation.marker}]`).join("");
  const lines = [`**${escaped(answer.answer)}** ${markers}`, ""];
  for (const citation of answer.citations) {
    const by = [citation.newspaper, citation.authors.join(" "), citation.date].filter(Boolean).join(" · ");
    lines.push(
      `> [${citation.marker}] ${escaped(citation.quote)}`,
      `> — ${escaped(citation.title ?? words.untitled)}${by ? ` (${escaped(by)})` : ""} [↗](${sentenceUrl(citation)})`,
      "",
    );
  }
  return lines.join("\n").trimEnd();
}

export function toMarkdown(conversation, words) {
  const parts = [`# ${escaped(conversation.title || words.exported)}`];
  for (const turn of conversation.turns) {
    parts.push(`## ${escaped(turn.question)}`);
    if (turn.answer) parts.push(answerToMarkdown(turn.answer, words));
  }
  return parts.join("\n\n") + "\n";
}

export function download(name, type, content) {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name.replace(/[\\/:*?"<>|\x00-\x1f]/g, " ").trim().slice(0, 80) || "wenju";
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
