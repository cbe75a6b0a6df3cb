// A constructed style sheet: no style-src of the host page concerns it, and nothing leaks out.
const STYLE = `
:host { all: initial; --accent: var(--wenju-accent, #9f2f24); --on-accent: var(--wenju-on-accent, #fff);
  --paper: var(--wenju-paper, #fffdf9); --ink: var(--wenju-ink, #221e19); --soft: var(--wenju-soft, #655c51);
  --line: var(--wenju-line, #e4dccf); --mark: var(--wenju-mark, #ffd75e); --mark-ink: var(--wenju-mark-ink, #221e19);
  --quote: var(--wenju-quote, #fbf0cf); --link: var(--wenju-link, #9f2f24); --radius: var(--wenju-radius, 16px);
  font: 400 16px/1.6 var(--wenju-font, system-ui, -apple-system, "Segoe UI", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif);
  color: var(--ink); }
:host([hidden]) { display: none; }
:host([mode="inline"]) { display: block; height: var(--wenju-height, 520px); }
:host([scheme="dark"]) { --accent: var(--wenju-accent, #b8402f); --paper: var(--wenju-paper, #211d19);
  --ink: var(--wenju-ink, #ece5da); --soft: var(--wenju-soft, #b3a898); --line: var(--wenju-line, #3a332c);
  --mark: var(--wenju-mark, #e0b032); --mark-ink: var(--wenju-mark-ink, #1c1710); --quote: var(--wenju-quote, #3b3320);
  --link: var(--wenju-link, #f0968a); }
* { box-sizing: border-box; }
button, textarea { margin: 0; font: inherit; color: inherit; background: none; border: 0; }
button { cursor: pointer; }
:focus-visible { outline: 2.5px solid var(--link); outline-offset: 2px; }
[hidden] { display: none !important; }
.launch { position: fixed; z-index: 2147483000; bottom: 20px; right: 20px; display: flex; align-items: center; gap: 8px;
  padding: 12px 18px; color: var(--on-accent); background: var(--accent); border-radius: 999px; font-weight: 600;
  box-shadow: 0 6px 24px rgb(0 0 0 / 22%); }
:host([position="left"]) .launch, :host([position="left"]) .panel { right: auto; left: 20px; }
.launch svg { width: 20px; height: 20px; }
svg { width: 18px; height: 18px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
.panel { display: flex; flex-direction: column; overflow: hidden; background: var(--paper); color: var(--ink);
  border: 1px solid var(--line); border-radius: var(--radius); }
:host(:not([mode="inline"])) .panel { position: fixed; z-index: 2147483001; bottom: 20px; right: 20px;
  width: min(var(--wenju-width, 400px), calc(100vw - 40px)); height: min(var(--wenju-height, 620px), calc(100vh - 40px));
  box-shadow: 0 12px 48px rgb(0 0 0 / 25%); }
:host([mode="inline"]) .panel { height: 100%; }
header { display: flex; align-items: center; gap: 8px; padding: 8px 8px 8px 16px; border-bottom: 1px solid var(--line); }
h2 { flex: 1; min-width: 0; margin: 0; overflow: hidden; font-size: 16px; font-weight: 700; text-overflow: ellipsis; white-space: nowrap; }
.icon { display: grid; place-items: center; width: 38px; height: 38px; border-radius: 10px; color: var(--soft); }
.log { flex: 1; overflow-y: auto; padding: 16px; overscroll-behavior: contain; overflow-wrap: anywhere; }
.log > * + * { margin-top: 18px; }
p { margin: 0; }
.soft { color: var(--soft); font-size: 14px; }
.examples { display: grid; gap: 8px; margin-top: 12px; }
.examples button { padding: 8px 12px; text-align: start; border: 1px solid var(--line); border-radius: 12px; font-size: 15px; }
.examples button:hover { border-color: var(--link); }
.turn { display: grid; gap: 10px; }
.asked { justify-self: end; max-width: 88%; padding: 8px 13px; white-space: pre-wrap; background: color-mix(in srgb, var(--ink) 8%, transparent); border-radius: 14px; }
.said { font-size: 22px; font-weight: 700; line-height: 1.45; }
.said.long { font-size: 16px; font-weight: 500; line-height: 1.7; }
.said ul { margin: 0; padding-inline-start: 1.1em; font-size: 17px; }
.marker { display: inline-grid; place-items: center; min-width: 22px; height: 22px; margin-inline-start: 6px; padding: 0 5px;
  color: var(--on-accent); background: var(--accent); border-radius: 11px; font-size: 13px; font-weight: 700; line-height: 1; text-decoration: none; vertical-align: 3px; }
.cite { padding: 10px 13px; border: 1px solid var(--line); border-radius: 12px; font-size: 15px; }
.cite:focus { border-color: var(--link); outline: none; }
blockquote { margin: 0 0 6px; line-height: 1.75; }
.quote { background: var(--quote); }
mark { padding: 1px 3px; color: var(--mark-ink); background: var(--mark); border-radius: 3px; font-weight: 650; }
a { color: var(--link); font-size: 14px; font-weight: 600; text-decoration: none; }
a:hover { text-decoration: underline; }
form { display: flex; align-items: flex-end; gap: 8px; padding: 10px; border-top: 1px solid var(--line); }
textarea { flex: 1; min-width: 0; max-height: 120px; padding: 9px 12px; resize: none; border: 1px solid var(--line); border-radius: 12px; field-sizing: content; }
textarea::placeholder { color: var(--soft); opacity: 1; }
.go { min-width: 64px; height: 42px; padding: 0 14px; color: var(--on-accent); background: var(--accent); border-radius: 12px; font-weight: 600; }
.stop { color: var(--ink); background: color-mix(in srgb, var(--ink) 10%, transparent); }
.again { margin-inline-start: 8px; padding: 3px 12px; color: var(--on-accent); background: var(--accent); border-radius: 9px; font-size: 14px; font-weight: 600; }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 480px) { :host(:not([mode="inline"])) .panel { inset: 8px; width: auto; height: auto; } }
`;

export function styled(root) {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
  } catch {
    root.append(h("style", {}, STYLE)); // Safari before 16.4
  }
}
