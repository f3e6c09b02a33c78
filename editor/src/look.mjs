// Colours by meaning, from the tokens of the site: they pass into the shadow root, light and dark.
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const panel = { backgroundColor: "var(--sheet)", color: "var(--ink)", borderColor: "var(--line)" };
const control = {
  font: "inherit", color: "var(--ink)", background: "var(--paper)", border: "1px solid var(--line-strong)", borderRadius: "4px", minHeight: "24px",
};
// CodeMirror draws these with images that the security policy of the site refuses: shapes of text instead.
const underline = (colour) => ({ backgroundImage: "none", textDecoration: `underline wavy ${colour}`, textDecorationSkipInk: "none" });
const mark = (shape, colour) => ({ content: "normal", color: colour, lineHeight: 1.4, textAlign: "center", "&::before": { content: `"${shape}"` } });

const theme = EditorView.theme({
  "&": { height: "100%", color: "var(--ink)", backgroundColor: "var(--paper)", fontSize: "var(--small)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "ui-monospace, 'Cascadia Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace", lineHeight: 1.5 },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--ink)", borderLeftWidth: "2px" },
  ".cm-gutters": { backgroundColor: "var(--sheet)", color: "var(--soft)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--tint) 45%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "var(--tint)", color: "var(--ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in srgb, var(--accent) 28%, transparent)",
  },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--good-tint)", outline: "1px solid var(--good)" },
  "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "var(--bad-tint)", outline: "1px solid var(--bad)" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--tint)", color: "var(--ink)", border: "1px solid var(--line)" },
  ".cm-searchMatch": { backgroundColor: "var(--warn-tint)", outline: "1px solid var(--warn)" },
  ".cm-searchMatch-selected": { backgroundColor: "var(--tint)", outline: "2px solid var(--accent)" },
  ".cm-panels": panel,
  ".cm-panels-bottom": { borderTop: "1px solid var(--line)" },
  ".cm-panel.cm-search": { padding: "8px 32px 8px 8px", fontSize: "var(--small)" },
  ".cm-panel.cm-search label": { fontSize: "inherit", whiteSpace: "nowrap" },
  ".cm-textfield": control,
  ".cm-button": { ...control, backgroundImage: "none", "&:active": { backgroundImage: "none" } },
  ".cm-panel [name=close], .cm-dialog-close": { color: "var(--ink)", minWidth: "24px", minHeight: "24px" },
  ".cm-tooltip": { ...panel, border: "1px solid var(--line-strong)", borderRadius: "4px", maxWidth: "min(34rem, 90vw)" },
  ".cm-tooltip p": { margin: "0 0 4px", fontFamily: "'Source Sans 3', system-ui, sans-serif" },
  ".cm-tooltip p[lang]::before": { content: "attr(lang) ' '", color: "var(--soft)", textTransform: "uppercase", fontSize: ".75em" },
  ".law-card": { padding: "6px 10px", fontSize: "var(--small)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "inherit", maxWidth: "min(30rem, 88vw)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "2px 8px", minHeight: "24px" },
  ".cm-tooltip-autocomplete ul li[aria-selected], .cm-tooltip-autocomplete-disabled ul li[aria-selected]": {
    backgroundColor: "var(--accent)", color: "var(--accent-ink)",
  },
  ".cm-completionDetail": { color: "var(--soft)" },
  "li[aria-selected] .cm-completionDetail": { color: "inherit" },
  ".cm-lintRange-error": underline("var(--bad)"),
  ".cm-lintRange-warning": underline("var(--warn)"),
  ".cm-lintRange-active": { backgroundColor: "var(--warn-tint)" },
  ".cm-lint-marker-error": mark("●", "var(--bad)"),
  ".cm-lint-marker-warning": mark("▲", "var(--warn)"),
  ".cm-diagnostic": { fontFamily: "'Source Sans 3', system-ui, sans-serif", fontSize: "var(--small)" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--bad)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--warn)" },
  ".cm-changedLine, .cm-changedText, .cm-deletedChunk": { backgroundImage: "none" },
  ".cm-changedLine": { backgroundColor: "var(--tint) !important" },
  "&.cm-merge-a .cm-changedText, &.cm-merge-b .cm-changedText": { background: "var(--warn-tint)", outline: "1px solid var(--warn)" },
});

const colours = HighlightStyle.define([
  { tag: [tags.definition(tags.propertyName), tags.propertyName], color: "var(--link)", fontWeight: "600" },
  { tag: tags.string, color: "var(--good)" },
  { tag: tags.content, color: "var(--ink)" },
  { tag: tags.comment, color: "var(--soft)", fontStyle: "italic" },
  { tag: [tags.separator, tags.punctuation, tags.squareBracket, tags.brace], color: "var(--soft)" },
  { tag: [tags.special(tags.string), tags.meta, tags.keyword], color: "var(--warn)" },
]);

/** Theme and highlighting. */
export const look = [theme, syntaxHighlighting(colours)];
