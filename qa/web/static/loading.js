// Waits for the chat, keeps what is typed meanwhile, and goes there.
const draft = document.getElementById("draft");
try {
  draft.value = localStorage.getItem("wenju.draft") || "";
} catch {
  // storage is off
}
draft.addEventListener("input", () => {
  try {
    localStorage.setItem("wenju.draft", draft.value);
  } catch {
    // storage is off, or full
  }
});
draft.form.addEventListener("submit", (event) => event.preventDefault());
draft.focus();

async function look() {
  try {
    const answered = await fetch("/", { method: "HEAD", cache: "no-store" });
    if (answered.headers.get("X-Wenju-Page") !== "waiting") return location.reload();
  } catch {
    // the server went away: keep waiting, it may come back
  }
  setTimeout(look, 700);
}
setTimeout(look, 700);
