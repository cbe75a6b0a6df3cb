// The list of conversations.
import { download, toMarkdown } from "./conversations.js";
import { h } from "./core.js";
import { svg } from "./turn.js";

/** actions: {open(id), removed(id)} */
export class Side {
  constructor(conversations, actions) {
    this.conversations = conversations;
    this.actions = actions;
    this.element = h("nav", { class: "wj-list" });
    document.addEventListener("click", (event) => {
      for (const menu of this.element.querySelectorAll("details[open]")) {
        if (!menu.contains(event.target)) menu.open = false;
      }
    });
  }

  draw(words, currentId) {
    this.words = words;
    this.element.setAttribute("aria-label", words.conversations);
    const { all } = this.conversations;
    this.element.replaceChildren(
      h("h2", {}, words.conversations),
      all.length
        ? h("ul", {}, all.map((conversation) => this.row(conversation, conversation.id === currentId)))
        : h("p", { class: "wj-hint" }, words.noConversations),
    );
  }

  row(conversation, current) {
    const { words } = this;
    const title = conversation.title || words.newChat;
    const row = h("li", { class: current ? "wj-current" : null });
    const menu = h(
      "details",
      {
        class: "wj-menu",
        onkeydown: (event) => {
          if (event.key !== "Escape" || !menu.open) return;
          event.stopPropagation();
          menu.open = false;
          menu.querySelector("summary").focus();
        },
      },
      h("summary", { "aria-label": words.actionsFor(title), title: words.actionsFor(title) }, svg("more")),
      h(
        "div",
        {},
        this.item(words.rename, () => this.rename(row, conversation)),
        this.item(words.exportMarkdown, () =>
          download(`${title}.md`, "text/markdown", toMarkdown(conversation, words)),
        ),
        this.item(words.exportJson, () =>
          download(`${title}.json`, "application/json", JSON.stringify(conversation, null, 2)),
        ),
        this.item(words.remove, (button) => {
          if (!button.dataset.sure) {
            button.dataset.sure = "1";
            button.textContent = words.confirmRemove(title.slice(0, 12));
            return true;
          }
          this.conversations.remove(conversation.id);
          this.actions.removed(conversation.id);
          return false;
        }),
      ),
    );
    row.append(
      h(
        "button",
        {
          type: "button",
          class: "wj-row",
          dir: "auto",
          "aria-current": current ? "true" : null,
          onclick: () => this.actions.open(conversation.id),
        },
        title,
      ),
      menu,
    );
    return row;
  }

  item(label, act) {
    return h(
      "button",
      {
        type: "button",
        onclick: (event) => {
          const button = event.currentTarget;
          if (act(button) !== true) button.closest("details").open = false;
        },
      },
      label,
    );
  }

  rename(row, conversation) {
    const { words } = this;
    const input = h("input", {
      type: "text",
      maxlength: 120,
      value: conversation.title,
      "aria-label": words.rename,
      onkeydown: (event) => {
        if (event.key === "Enter" && !event.isComposing) input.blur();
        if (event.key === "Escape") {
          input.value = conversation.title;
          input.blur();
        }
        event.stopPropagation();
      },
      onblur: () => {
        this.conversations.rename(conversation.id, input.value);
        this.draw(words, this.element.querySelector("[aria-current]") ? conversation.id : null);
        this.actions.renamed();
      },
    });
    row.replaceChildren(input);
    input.focus();
    input.select();
  }
}
