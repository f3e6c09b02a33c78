// The code editor of rule files: takes the place of the text area of `form.law-editor`, which does the whole job alone.
import { closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab, isolateHistory } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, codeFolding, foldGutter, foldKeymap, indentOnInput, indentUnit } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { MergeView, diff } from "@codemirror/merge";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import {
  EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers,
} from "@codemirror/view";
import { helping } from "./helping.mjs";
import { look } from "./look.mjs";
import { entryAt } from "./place.mjs";
import { saver } from "./saving.mjs";
import { speaker } from "./words.mjs";

const shadow = (className, before) => {
  const host = document.createElement("div");
  host.className = className;
  before.before(host);
  return host.attachShadow({ mode: "open" }); // there CodeMirror brings its styles without a <style> element
};

// After Escape, Tab leaves the editor until another key is pressed.
const escape = EditorView.domEventHandlers({
  keydown(event, view) {
    if (event.key === "Escape") view.setTabFocusMode(true);
    else if (!["Tab", "Shift", "Control", "Alt", "Meta"].includes(event.key)) view.setTabFocusMode(false);
  },
  blur: (_, view) => view.setTabFocusMode(false),
});

// A line that is not there stands for the nearest; columns count characters, positions their UTF-16 units.
function placeOf(doc, number, column = 1) {
  const line = doc.line(Math.max(1, Math.min(number, doc.lines)));
  return line.from + [...line.text].slice(0, Math.max(0, column - 1)).join("").length;
}

function diagnostic(doc, { line, column, severity, text }) {
  const from = placeOf(doc, line, column);
  const rest = doc.sliceString(from, doc.lineAt(from).to);
  const word = /^(["']).*?\1|^[\w:-]*\w|^[^\s,[\]{}]+/.exec(rest)?.[0] ?? "";
  return { from, to: Math.min(from + Math.max(1, word.length), doc.length), severity, message: text };
}

// The smallest changes that make one text of another, so that the cursor and the folds stay.
const changesTo = (before, after) =>
  diff(before, after).map(({ fromA, toA, fromB, toB }) => ({ from: fromA, to: toA, insert: after.slice(fromB, toB) }));

function open(form) {
  const area = form.querySelector("textarea");
  const state = document.querySelector(".law-editor-state");
  const panel = document.getElementById("law-panel");
  const { say, count, time, language, phrases } = speaker(form.dataset.language);
  const told = { save: "", check: "" };
  const [label] = area.labels;
  const readOnly = "readOnly" in form.dataset;
  const words = fetch(form.dataset.words).then((answer) => (answer.ok ? answer.json() : null)).catch(() => null);
  let entry = "";

  const spoken = state.appendChild(document.createElement("span"));
  const show = (part, text) => {
    told[part] = text;
    const line = Object.values(told).filter(Boolean).join(" · ");
    if (spoken.textContent !== line) spoken.textContent = line;
  };
  const editing = (extra) => [look, lineNumbers(), highlightSpecialChars(), yaml(), EditorState.phrases.of(phrases), extra];

  function changed(update) {
    if (update.docChanged) {
      area.value = update.state.doc.toString();
      saving.changed();
    } else if (update.selectionSet) {
      const now = entryAt(update.state.doc, update.state.doc.lineAt(update.state.selection.main.head).number);
      if (now !== entry) saving.moved();
      entry = now;
    }
  }

  const root = shadow("law-editor-host", area);
  const view = new EditorView({
    root,
    parent: root,
    doc: area.defaultValue,
    extensions: editing([
      history(), codeFolding(), foldGutter(), drawSelection(), indentOnInput(), indentUnit.of("  "), bracketMatching(),
      closeBrackets(), highlightActiveLine(), highlightActiveLineGutter(), highlightSelectionMatches(),
      search({ top: true }), lintGutter(), escape, helping(words, language), EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": [label?.textContent.trim(), say("label")].filter(Boolean).join(". "), tabindex: "0" }),
      keymap.of([
        { key: "Mod-s", preventDefault: true, run: () => !saving.save() || true },
        ...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap,
        ...lintKeymap, indentWithTab,
      ]),
      EditorView.updateListener.of(changed), EditorState.readOnly.of(readOnly),
    ]),
  });
  area.hidden = true;
  label?.addEventListener("click", () => view.focus());

  const replace = (text) =>
    view.dispatch({ changes: changesTo(view.state.doc.toString(), text), annotations: isolateHistory.of("full") });

  // A question above the text, which typing does not wait for.
  function choose(message, ...answers) {
    const box = state.appendChild(document.createElement("span"));
    box.className = "law-editor-choice";
    box.append(message, " ");
    for (const [name, act] of answers) {
      const button = box.appendChild(document.createElement("button"));
      button.type = "button";
      button.className = "second";
      button.textContent = say(name);
      button.addEventListener("click", () => {
        box.remove();
        act();
        view.focus();
      });
    }
    return box;
  }

  function conflict(theirs) {
    show("save", "");
    const mine = view.state.doc.toString();
    const box = choose(
      theirs.message ?? say("conflict"),
      ["keep", () => {
        const kept = view.state.doc.toString();
        replace(theirs.text);
        replace(kept);
        saving.resume(theirs);
      }],
      ["take", () => {
        replace(theirs.text);
        saving.resume(theirs);
      }],
    );
    const note = box.appendChild(document.createElement("small"));
    note.textContent = say("either");
    const side = (text, name) => ({
      doc: text,
      extensions: editing([EditorState.readOnly.of(true), EditorView.lineWrapping, EditorView.contentAttributes.of({ "aria-label": say(name) })]),
    });
    const pair = shadow("law-editor-pair", box.appendChild(document.createElement("span")));
    new MergeView({ a: side(theirs.text, "theirs"), b: side(mine, "mine"), root: pair, parent: pair, collapseUnchanged: {} });
  }

  function checked({ problems, panel: html }) {
    panel?.removeAttribute("aria-busy");
    const own = problems.filter((problem) => problem.file === form.dataset.file);
    view.dispatch(setDiagnostics(view.state, own.map((problem) => diagnostic(view.state.doc, problem))));
    const counts = ["error", "warning"].map((severity) => [severity, own.filter((problem) => problem.severity === severity).length]);
    const said = counts.filter(([, many]) => many).map(([severity, many]) => count(severity, many));
    show("check", said.join(", ") || say("clean"));
    if (!panel || html === undefined) return;
    const opened = [...panel.querySelectorAll("details[id][open]")].map((details) => details.id);
    panel.innerHTML = html; // made and escaped by the server
    for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
    window.htmx?.process(panel);
  }

  const saving = saver(form, {
    text: () => view.state.doc.toString(),
    line: () => view.state.doc.lineAt(view.state.selection.main.head).number,
    save: ({ name, time: moment, status, message }) => {
      const why = message ?? (status === 0 ? say("network") : status === 401 ? say("signedOut") : say("failed", { status }));
      show("save", say(name, { why, time: moment && time(moment) }));
      if (name !== "saved") show("check", "");
    },
    check: ({ name }) => {
      if (name === "checking") panel?.setAttribute("aria-busy", "true");
      else panel?.removeAttribute("aria-busy");
      show("check", say(name));
    },
    conflict,
    checked,
  });
  form.addEventListener("submit", (event) => {
    if (event.submitter?.name || event.submitter?.hasAttribute("formaction")) return;
    event.preventDefault();
    saving.save();
  });

  const copy = saving.copy.read();
  if (copy && !readOnly && copy.text !== area.defaultValue) {
    saving.hold(true);
    choose(
      say("crash", { time: time(copy.time) }),
      ["restore", () => {
        saving.hold(false);
        replace(copy.text);
      }],
      ["forget", () => {
        saving.hold(false);
        saving.copy.drop();
      }],
    );
  }

  function goto(line, column = 1) {
    const at = placeOf(view.state.doc, line, column);
    view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
    view.focus();
  }
  panel?.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-line]");
    if (!link) return;
    event.preventDefault();
    goto(Number(link.dataset.line), Number(link.dataset.column ?? 1));
  });
  const asked = /^#L(\d+)$/.exec(location.hash);
  if (asked) goto(Number(asked[1]));
  saving.check();
  window.lawEditor = { goto, view };
}

const form = document.querySelector("form.law-editor");
if (form) open(form);
