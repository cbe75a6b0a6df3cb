// Makes the line to paste from the form, and shows the widget as it will be.
const form = document.getElementById("options");
const shown = document.getElementById("snippet");
const preview = document.getElementById("preview");
const { version, integrity } = document.body.dataset;
const widget = document.createElement("wenju-chat");
widget.setAttribute("mode", "inline");
preview.append(widget);

function quoted(text) {
  return text.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;");
}

function draw() {
  const chosen = Object.fromEntries(new FormData(form));
  const options = [`data-title="${quoted(chosen.title)}"`];
  if (chosen.mode !== "button") options.push(`data-mode="${chosen.mode}"`);
  if (chosen.lang) options.push(`data-lang="${chosen.lang}"`);
  if (chosen.theme !== "auto") options.push(`data-theme="${chosen.theme}"`);
  const colour = chosen.accent === "#9f2f24" ? "" : `<style>wenju-chat { --wenju-accent: ${chosen.accent}; }</style>\n`;
  const src = new URL(`widget/${version}.js`, document.baseURI).href;
  shown.value = `${colour}<script src="${src}"\n  integrity="${integrity}" crossorigin="anonymous"\n  ${options.join(" ")} async></script>`;
  widget.setAttribute("heading", chosen.title);
  widget.setAttribute("theme", chosen.theme);
  if (chosen.lang) widget.setAttribute("lang", chosen.lang);
  else widget.removeAttribute("lang");
  widget.style.setProperty("--wenju-accent", chosen.accent);
}

form.addEventListener("input", draw);
form.addEventListener("submit", (event) => event.preventDefault());
document.getElementById("copy").addEventListener("click", async ({ target }) => {
  shown.select();
  try {
    await navigator.clipboard.writeText(shown.value);
  } catch {
    document.execCommand("copy");
  }
  target.textContent = target.dataset.done;
});
draw();
