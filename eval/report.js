"use strict";
// The data's texts reach the page as text nodes only.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const PAGE = 100;
  const body = document.querySelector("#list tbody");
  const count = document.getElementById("count");
  const more = document.getElementById("more");
  const field = (id) => document.getElementById(id);
  let found = [];
  let shown = 0;

  const element = (name, text, className) => {
    const made = document.createElement(name);
    if (text !== undefined && text !== null) made.textContent = text;
    if (className) made.className = className;
    return made;
  };

  const options = (id, values, all) => {
    const select = field(id);
    const first = element("option", all);
    first.value = "";
    select.append(first);
    for (const [value, label] of values) {
      const option = element("option", label);
      option.value = value;
      select.append(option);
    }
    select.closest("label").hidden = values.length < 2;
  };

  const distinct = (key) =>
    [...new Set(data.questions.map((q) => q[key]).filter((v) => v !== null))].map((v) => [v, v]);

  // Spans count code points, as Python does; strings here count UTF-16 units.
  const marked = (text, gold, cited) => {
    const characters = Array.from(text);
    const flags = new Uint8Array(characters.length);
    for (const [start, end] of gold) for (let n = start; n < end; n++) flags[n] |= 1;
    for (const [start, end] of cited) for (let n = start; n < end; n++) flags[n] |= 2;
    const made = element("p");
    let start = 0;
    for (let n = 1; n <= characters.length; n++) {
      if (n === characters.length || flags[n] !== flags[start]) {
        const words = characters.slice(start, n).join("");
        const kind = ["", "gold", "cited", "both"][flags[start]];
        made.append(kind ? element("mark", words, kind) : words);
        start = n;
      }
    }
    return made;
  };

  const section = (into, title, ...paragraphs) => {
    into.append(element("h3", title));
    for (const text of paragraphs) into.append(element("p", text));
  };

  const evidence = (question) => {
    const cell = element("td");
    cell.colSpan = 6;
    const facts = [question.id, question.type, question.lang].filter(Boolean).join(" · ");
    cell.append(element("small", facts));
    if (question.history.length) section(cell, "Before", ...question.history);
    if (question.query) section(cell, "Searched for", question.query);
    section(cell, question.mode === "all" ? "Gold, all of" : "Gold, one of",
      question.gold.join(" ｜ ") || "not answerable");
    if (question.asked) section(cell, "Answer", question.answer ?? "abstained");
    if (question.notes.length) cell.append(element("small", question.notes.join(", ")));
    question.citations.forEach(([quote, answer, path, verified], n) => {
      const box = element("div", null, "passage");
      box.append(element("small", `Citation ${n + 1}, ${path}, ${verified ? "verified" : "NOT VERIFIED"}`));
      const at = quote.indexOf(answer);
      const start = at < 0 ? 0 : Array.from(quote.slice(0, at)).length;
      box.append(marked(quote, [], at < 0 ? [] : [[start, start + Array.from(answer).length]]));
      cell.append(box);
    });
    if (question.ranking.length) {
      cell.append(element("h3", "Passages"));
      const legend = element("p", null, "legend");
      legend.append(element("mark", "gold", "gold"), element("mark", "cited", "cited"),
        element("mark", "gold and cited", "both"));
      cell.append(legend);
    }
    question.ranking.forEach(([id, score, gold, cited], n) => {
      const [title, text] = data.passages[id];
      const box = element("div", null, "passage");
      box.append(element("small", `${n + 1}. ${title ?? "untitled"} · ${score} · ${id}`));
      box.append(marked(text, gold, cited));
      cell.append(box);
    });
    const row = element("tr", null, "evidence");
    row.append(cell);
    return row;
  };

  const labelled = (text, label, className) => {
    const cell = element("td", text, className);
    cell.dataset.label = label;
    return cell;
  };

  const row = (question) => {
    const made = element("tr");
    const head = element("th");
    head.scope = "row";
    const button = element("button", question.question, "open");
    button.type = "button";
    button.setAttribute("aria-expanded", "false");
    button.addEventListener("click", () => {
      const open = button.getAttribute("aria-expanded") === "true";
      if (open) made.nextElementSibling.remove();
      else made.after(evidence(question));
      button.setAttribute("aria-expanded", String(!open));
    });
    head.append(button);
    if (data.runs.length > 1) head.append(" ", element("small", data.runs[question.run]));
    made.append(
      head,
      labelled(question.outcome, "Outcome", `outcome ${question.outcome.replace(" ", "-")}`),
      labelled(question.asked ? question.answer ?? "abstained" : "–", "Answer"),
      labelled(question.gold.join(" ｜ ") || "–", "Gold"),
      labelled(question.asked ? question.confidence.toFixed(2) : "–", "Confidence"),
      labelled(question.f1 === null ? "–" : question.f1.toFixed(2), "F1"),
    );
    return made;
  };

  const showMore = () => {
    const next = found.slice(shown, shown + PAGE);
    body.append(...next.map(row));
    shown += next.length;
    more.hidden = shown >= found.length;
    count.textContent = `${found.length} of ${data.questions.length} questions`;
  };

  const orders = {
    set: () => 0,
    sure: (a, b) => b.confidence - a.confidence,
    unsure: (a, b) => a.confidence - b.confidence,
    f1: (a, b) => (a.f1 ?? 2) - (b.f1 ?? 2),
  };

  const filter = () => {
    const wanted = field("search").value.trim().toLowerCase();
    const chosen = ["outcome", "type", "lang"].map((key) => [key, field(key).value]);
    const run = field("run").value;
    found = data.questions
      .filter((q) => run === "" || String(q.run) === run)
      .filter((q) => chosen.every(([key, value]) => value === "" || q[key] === value))
      .filter((q) => !wanted
        || [q.id, q.question, q.answer ?? "", ...q.gold].some((t) => t.toLowerCase().includes(wanted)))
      .sort(orders[field("order").value]);
    body.replaceChildren();
    shown = 0;
    showMore();
  };

  options("run", data.runs.map((name, n) => [String(n), name]), "all runs");
  options("outcome", distinct("outcome"), "all");
  options("type", distinct("type"), "all");
  options("lang", distinct("lang"), "all");
  field("filters").addEventListener("input", filter);
  field("filters").addEventListener("submit", (event) => event.preventDefault());
  more.addEventListener("click", showMore);
  filter();
})();
