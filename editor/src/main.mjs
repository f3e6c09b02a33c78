// The editor of rule files: a textarea that works alone becomes a code editor that saves, checks and helps.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentLess, insertTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, foldGutter, foldKeymap, HighlightStyle, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorSelection, EditorState } from "@codemirror/state";
import {
  drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, hoverTooltip, keymap, lineNumbers,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { complete, helpAt } from "./words.mjs";
import { phrases, words } from "./phrases.mjs";

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--link)", fontWeight: "600" },
  { tag: tags.comment, color: "var(--soft)", fontStyle: "italic" },
  { tag: tags.string, color: "var(--good)" },
  { tag: [tags.keyword, tags.bool, tags.number], color: "var(--accent)" },
  { tag: [tags.separator, tags.punctuation, tags.squareBracket, tags.brace], color: "var(--soft)" },
]);
const theme = EditorView.theme({
  "&": { height: "100%", fontSize: ".88rem", color: "var(--ink)", backgroundColor: "var(--paper)", border: "1px solid var(--line-strong)", borderRadius: "var(--radius)" },
  "&.cm-focused": { outline: "3px solid var(--accent)", outlineOffset: "2px" },
  ".cm-scroller": { fontFamily: 'ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace', lineHeight: "1.5" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--sheet)", color: "var(--soft)", border: "0" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--tint)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--line) !important" },
  ".cm-tooltip": { backgroundColor: "var(--sheet)", color: "var(--ink)", border: "1px solid var(--line-strong)", maxWidth: "34rem" },
  ".cm-tooltip .law-help": { padding: ".4rem .7rem" },
  ".cm-tooltip .law-help p": { margin: "0 0 .2rem" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--accent-ink)" },
  ".cm-panels": { backgroundColor: "var(--sheet)", color: "var(--ink)" },
  ".cm-diagnostic": { whiteSpace: "pre-wrap" },
});

const PAUSE = 500; // milliseconds without typing before a save
const form = document.querySelector("form.law-editor");
if (form) start(form);

function start(form) {
  const area = form.querySelector("textarea");
  const language = form.dataset.language === "en" ? "en" : "fr";
  const say = words[language];
  const state = form.querySelector(".law-editor-state");
  const panel = document.getElementById("law-panel");
  const readOnly = "readOnly" in form.dataset;
  const kept = `draft ${form.action}`;
  let vocabulary = null;
  let version = form.elements.version.value;
  let asked = 0;
  let line = 1;
  let saving = null;
  let dirty = false;
  let pause = 0;
  let waits = 0;

  fetch(form.dataset.words).then((found) => (found.ok ? found.json() : null)).then((found) => { vocabulary = found; }).catch(() => {});

  const host = document.createElement("div");
  host.className = "law-editor-host";
  area.after(host);
  const shadow = host.attachShadow({ mode: "open" });
  let leaving = false; // Escape, then Tab, goes on to the next control

  const view = new EditorView({
    root: shadow,
    parent: shadow,
    state: EditorState.create({
      doc: area.value,
      extensions: [
        lineNumbers(), foldGutter(), history(), drawSelection(), bracketMatching(), closeBrackets(), highlightActiveLine(),
        highlightActiveLineGutter(), highlightSelectionMatches(), lintGutter(), yaml(), indentUnit.of("  "),
        syntaxHighlighting(colours), theme, EditorView.lineWrapping, EditorState.phrases.of(phrases[language]),
        EditorState.readOnly.of(readOnly),
        EditorView.contentAttributes.of({ "aria-label": `${form.dataset.file}. ${say.label}`, tabindex: "0" }),
        autocompletion({ override: [(context) => complete(context, vocabulary, language)] }),
        hoverTooltip((shown, at) => hover(shown, at)),
        keymap.of([
          { key: "Escape", run: () => { leaving = true; return false; } },
          { key: "Tab", run: (v) => (leaving ? false : insertTab(v)), shift: (v) => (leaving ? false : indentLess(v)) },
          ...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, ...lintKeymap,
        ]),
        EditorView.domEventHandlers({ keydown: (event) => { if (event.key !== "Escape" && event.key !== "Tab" && event.key !== "Shift") leaving = false; }, blur: () => { leaving = false; } }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) typed();
          const now = update.state.doc.lineAt(update.state.selection.main.head).number;
          if (now !== line) { line = now; later(check, 700); }
        }),
      ],
    }),
  });
  area.hidden = true;
  area.setAttribute("aria-hidden", "true");
  const label = form.querySelector(`label[for="${area.id}"]`);
  if (label) label.hidden = true;
  form.addEventListener("submit", (event) => { event.preventDefault(); save(); });

  const left = localStorage.getItem(kept);
  if (left && !readOnly) {
    const found = JSON.parse(left);
    if (found.text !== area.value) offer(say.recovered, [[say.take, () => replace(found.text)], [say.leave, () => localStorage.removeItem(kept)]]);
    else localStorage.removeItem(kept);
  }
  check();

  let timer = 0;
  function later(run, milliseconds) { clearTimeout(timer); timer = setTimeout(run, milliseconds); }

  function typed() {
    dirty = true;
    area.value = view.state.doc.toString();
    localStorage.setItem(kept, JSON.stringify({ text: area.value }));
    state.textContent = say.typing;
    clearTimeout(pause);
    pause = setTimeout(save, PAUSE);
  }

  async function save() {
    if (readOnly) return;
    if (saving) { await saving; }
    if (!dirty) return;
    dirty = false;
    saving = send();
    await saving;
    saving = null;
    if (dirty) { clearTimeout(pause); pause = setTimeout(save, PAUSE); }
  }

  async function send(over) {
    const text = view.state.doc.toString();
    const body = new URLSearchParams({ text, version: over ?? version, csrf_token: form.elements.csrf_token.value });
    let answer;
    try {
      answer = await fetch(form.action, { method: "POST", headers: { "X-Requested-With": "editor" }, body });
    } catch { answer = null; }
    if (answer && answer.ok && (answer.headers.get("Content-Type") || "").includes("json")) {
      version = String((await answer.json()).version);
      form.elements.version.value = version;
      if (view.state.doc.toString() === text) localStorage.removeItem(kept);
      const now = new Date().toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
      state.textContent = say.saved.replace("%", now);
      waits = 0;
      check();
      return;
    }
    if (answer && answer.status === 409) {
      const found = await answer.json();
      offer(found.message, [
        [say.mine, () => { version = String(found.version); dirty = true; save(); }],
        [say.theirs, () => { version = String(found.version); replace(found.text); }],
      ]);
      return;
    }
    if (answer && answer.status === 422) { state.textContent = (await answer.json()).message; return; }
    state.textContent = say.unsaved;
    dirty = true;
    waits = Math.min(waits + 1, 6);
    setTimeout(save, 1000 * 2 ** waits);
  }

  async function check() {
    const mine = ++asked;
    const url = `${form.dataset.check}?cursor=${line}`;
    panel.setAttribute("aria-busy", "true");
    let answer;
    try { answer = await fetch(url); } catch { return; }
    if (mine !== asked) return;
    if (answer.status === 202) { const { retry } = await answer.json(); setTimeout(() => { if (mine === asked) check(); }, retry); return; }
    panel.removeAttribute("aria-busy");
    if (!answer.ok) return;
    const found = await answer.json();
    if (mine !== asked) return;
    const open = [...panel.querySelectorAll("details")].map((item) => item.open);
    panel.innerHTML = found.panel; // made and escaped by the server
    panel.querySelectorAll("details").forEach((item, number) => { if (open[number]) item.open = true; });
    const here = found.problems.filter((problem) => problem.file === form.dataset.file);
    view.dispatch(setDiagnostics(view.state, here.map(placed)));
  }

  function placed(problem) {
    const doc = view.state.doc;
    const at = doc.line(Math.min(Math.max(problem.line, 1), doc.lines));
    const from = Math.min(at.from + Math.max(problem.column - 1, 0), at.to);
    const word = /^[^\s:,\[\]{}]+/.exec(doc.sliceString(from, at.to));
    return { from, to: Math.min(from + (word ? word[0].length : 1), at.to), severity: problem.severity, message: problem.text };
  }

  function hover(shown, at) {
    const found = vocabulary && helpAt(shown.state, at, vocabulary, language);
    if (!found) return null;
    return {
      pos: found.from, end: found.to, above: true,
      create: () => {
        const dom = document.createElement("div");
        dom.className = "law-help";
        for (const text of found.lines) { const p = document.createElement("p"); p.textContent = text; dom.append(p); }
        return { dom };
      },
    };
  }

  function replace(text) {
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
    view.focus();
  }

  function offer(message, choices) {
    state.textContent = `${message} `;
    for (const [name, act] of choices) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "second";
      button.textContent = name;
      button.addEventListener("click", () => { state.textContent = ""; act(); });
      state.append(button, " ");
    }
  }

  function goto(number, column = 1) {
    const at = view.state.doc.line(Math.min(Math.max(number, 1), view.state.doc.lines));
    const position = Math.min(at.from + column - 1, at.to);
    view.dispatch({ selection: EditorSelection.cursor(position), effects: EditorView.scrollIntoView(position, { y: "center" }) });
    view.focus();
  }
  panel.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-line]");
    if (!link) return;
    event.preventDefault();
    goto(Number(link.dataset.line), Number(link.dataset.column || 1));
  });
  const wanted = /^#L(\d+)$/.exec(location.hash);
  if (wanted) goto(Number(wanted[1]));
  window.lawEditor = { goto, view };
}
