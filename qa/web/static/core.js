// What chat and widget share: asking, and turning answers into elements. No innerHTML anywhere:
// whatever a question, title or article holds becomes text.

/** An element. Attributes that start with "on" are listeners; null children are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(9).filter((child) => child !== null && child !== undefined));
  return element;
}

/** Replaces what is in an element; null children are left out. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat(9).filter((child) => child !== null && child !== undefined));
}

/** Our offsets count code points, JavaScript's strings count UTF-16 units. */
export class Text {
  constructor(text) {
    this.points = /[\ud800-\udbff]/.test(text) ? Array.from(text) : text;
  }
  slice(start, end) {
    const cut = this.points.slice(start, end);
    return typeof cut === "string" ? cut : cut.join("");
  }
  get length() {
    return this.points.length;
  }
}

/**
 * The text from `from` to `to` as nodes, with marks.
 * marks: [{start, end, tag, attributes}], may nest but not cross; inner ones later in the list.
 */
export function marked(text, from, to, marks) {
  const cuts = new Set([from, to]);
  for (const { start, end } of marks) {
    for (const cut of [start, end]) if (cut > from && cut < to) cuts.add(cut);
  }
  const edges = [...cuts].sort((a, b) => a - b);
  const nodes = [];
  for (let i = 0; i + 1 < edges.length; i++) {
    let node = document.createTextNode(text.slice(edges[i], edges[i + 1]));
    for (const mark of [...marks].reverse()) {
      if (mark.start <= edges[i] && edges[i + 1] <= mark.end) {
        node = h(mark.tag || "mark", mark.attributes || {}, node);
      }
    }
    nodes.push(node);
  }
  return nodes;
}

export class AskError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/**
 * Ask, and yield {event, data} as they come: "loading", "passages", "answer", "done".
 * Throws AskError: with the server's code, or "network" when it is away or goes away.
 */
export async function* ask(base, question, history, signal) {
  let response;
  try {
    response = await fetch(new URL("api/ask", base), {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
      body: JSON.stringify({ question, history }),
      credentials: "same-origin",
      signal,
    });
  } catch (error) {
    throw signal?.aborted ? error : new AskError("network", String(error));
  }
  if (!response.ok) {
    const body = await response.json().catch(() => null);
    throw new AskError(body?.error?.code || "network", body?.error?.message || response.statusText);
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let finished = false;
  while (true) {
    let read;
    try {
      read = await reader.read();
    } catch (error) {
      throw signal?.aborted ? error : new AskError("network", String(error));
    }
    if (read.done) break;
    rest += read.value;
    let end;
    while ((end = rest.indexOf("\n\n")) >= 0) {
      const lines = rest.slice(0, end).split("\n");
      rest = rest.slice(end + 2);
      let event = "message";
      let data = "";
      for (const line of lines) {
        if (line.startsWith("event:")) event = line.slice(6).trim();
        else if (line.startsWith("data:")) data += line.slice(5).trimStart();
      }
      if (!data) continue;
      const value = JSON.parse(data);
      if (event === "error") throw new AskError(value.error.code, value.error.message);
      if (event === "done") finished = true;
      yield { event, data: value };
    }
  }
  if (!finished) throw new AskError("network", "the stream ended early");
}

/**
 * Where an article is shown with a span marked; `#cited` scrolls to it.
 * fragment: a citation's; browsers that know text fragments go to the sentence itself.
 */
export function articleUrl(base, articleId, span, fragment) {
  const url = new URL(`articles/${encodeURIComponent(articleId)}`, base);
  if (span) {
    url.searchParams.set("start", span.start);
    url.searchParams.set("end", span.end);
    url.hash = "cited";
    return url.href + (fragment ?? "");
  }
  return url.href;
}

/** The marks of a passage: the quotes that citations take from it, and in them the answers. */
export function passageMarks(passage, citations) {
  const marks = [];
  for (const citation of citations) {
    if (citation.article_id !== passage.article_id) continue;
    marks.push({
      start: citation.start,
      end: citation.end,
      tag: "span",
      attributes: { class: "quote" },
    });
  }
  for (const citation of citations) {
    if (citation.article_id !== passage.article_id) continue;
    const short = citation.answer_end - citation.answer_start <= 8; // stays on one line
    marks.push({
      start: citation.answer_start,
      end: citation.answer_end,
      tag: "mark",
      attributes: short ? { class: "wj-short" } : {},
    });
  }
  return marks.filter((mark) => mark.start < passage.end && mark.end > passage.start);
}

/**
 * How much of a passage to show where its page prints the headline below the text: what stands
 * over the passage already is not said again at its end.
 */
export function withoutHeadline(text, title) {
  const bare = (line) => line.replace(/\s+/g, "");
  const lines = text.split("\n");
  let kept = lines.length;
  while (title && kept > 1 && bare(title).includes(bare(lines[kept - 1]))) kept--;
  const kicker = kept < lines.length && kept > 1 && /^[^，。！？]{1,24}$/.test(lines[kept - 1]);
  return new Text(lines.slice(0, kept - (kicker ? 1 : 0)).join("\n")).length;
}

/** Citations grouped by the passage that shows them; quotes outside it stand alone. */
export function evidence(answer) {
  const groups = new Map();
  for (const citation of answer.citations) {
    const passage = answer.passages.find((found) => found.passage_id === citation.passage_id);
    const shown =
      passage && passage.start <= citation.start && citation.end <= passage.end
        ? passage
        : {
            passage_id: `quote-${citation.marker}`,
            article_id: citation.article_id,
            title: citation.title,
            start: citation.start,
            end: citation.end,
            text: citation.quote,
            scores: {},
          };
    if (!groups.has(shown.passage_id)) groups.set(shown.passage_id, { passage: shown, citations: [] });
    groups.get(shown.passage_id).citations.push(citation);
  }
  return [...groups.values()];
}
