// Where a place in a rule file stands: the keys that lead to it, and what may be written there.
import { syntaxTree } from "@codemirror/language";
import { parser } from "@lezer/yaml";

const CHANGES = ["insert", "replace", "repeal", "raise"];

// Lines above that hold the one at `number`, outermost first: each less indented than the next.
function holders(doc, number, indent, item) {
  const found = [];
  for (let above = number - 1; above > 0 && (indent > 0 || item); above--) {
    const line = doc.line(above);
    const words = line.text.trimStart();
    const its = line.text.length - words.length;
    if (!words || words.startsWith("#")) continue;
    if (its < indent || (item && its === indent && !words.startsWith("-"))) {
      found.unshift(line);
      indent = its;
      item = words.startsWith("-");
    }
  }
  return found;
}

// Keys from the outermost to the node; a key does not lead to itself.
function pathTo(node, text) {
  const path = [];
  for (let at = node, below = null; at; below = at, at = at.parent) {
    if (at.name !== "Pair" || below?.name === "Key") continue;
    const key = at.getChild("Key");
    if (key) path.unshift(bare(text(key.from, key.to)));
  }
  return path;
}

const bare = (written) => written.trim().replace(/^(["'])(.*)\1$/, "$2");
const isFlow = (node, text) => node.name === "FlowSequence" || (node.name === "FlowMapping" && text[node.from] === "{");

/** The place at `pos` while somebody types: only the lines that hold it are read, so that errors elsewhere do not count. */
export function typingAt(doc, pos) {
  const line = doc.lineAt(pos);
  const before = line.text.slice(0, pos - line.from);
  const indent = before.search(/\S|$/);
  const above = holders(doc, line.number, indent, before.trimStart().startsWith("-"));
  const text = [...above.map((holder) => holder.text), `${before}x`].join("\n");
  const start = text.length - before.length - 1;
  const node = parser.parse(text).resolveInner(text.length, -1);
  if (node.name === "Comment") return null;
  let from = pos - /(?:[a-z][\w-]*:)?[\w-]*$/.exec(before)[0].length;
  if (/Literal$/.test(node.name)) {
    if (node.from < start) return null; // in the midst of a longer text
    from = line.from + node.from - start + (node.name === "QuotedLiteral" ? 1 : 0);
  }
  let flow = node;
  while (flow && !isFlow(flow, text)) flow = flow.parent;
  const lead = before.slice(0, from - line.from);
  const inBraces = flow?.name === "FlowMapping" && /[{,]\s*$/.test(lead);
  const ownLine = !flow && /^ *(- +)*$/.test(lead);
  return {
    path: pathTo(node, (a, b) => text.slice(a, b)),
    from,
    inFlow: Boolean(flow),
    keyFits: inBraces || ownLine, // a key may stand here without braces of its own
    onlyKey: inBraces,
    taken: ownLine ? siblings(doc, line.number, indent) : [],
  };
}

// Keys that stand beside the line already.
function siblings(doc, number, indent) {
  const found = [];
  for (const step of [-1, 1]) {
    for (let at = number + step; at > 0 && at <= doc.lines; at += step) {
      const [, blank, dash, key] = /^( *)((?:- +)*)(?:([\w-]+):)?/.exec(doc.line(at).text);
      if (blank.length < indent && blank.length + dash.length !== indent) {
        if (doc.line(at).text.trim() && !doc.line(at).text.trim().startsWith("#")) break;
      } else if (key && blank.length + dash.length === indent) {
        if (dash && step > 0) break;
        found.push(key);
        if (dash) break;
      }
    }
  }
  return found;
}

/** The word at `pos` in the text as it is, with the keys that lead to it; null where there is none. */
export function wordAt(state, pos, side) {
  const node = syntaxTree(state).resolveInner(pos, side);
  if (node.name !== "Literal" && node.name !== "QuotedLiteral") return null;
  const text = (from, to) => state.sliceDoc(from, to);
  return { from: node.from, to: node.to, text: bare(text(node.from, node.to)), path: pathTo(node, text) };
}

/** Which entry a line belongs to, as a name that changes when the entry does. */
export function entryAt(doc, number) {
  const line = doc.line(number);
  const indent = line.text.search(/\S|$/);
  const found = [...holders(doc, number, indent, line.text.trimStart().startsWith("-")), line];
  const deep = CHANGES.includes(found[1]?.text.trim().replace(/:.*$/, "")) ? 3 : 2;
  return found.slice(0, deep).map((holder) => holder.number).join("/");
}

/** Names that this text gives in each section; what is being written is offered too. */
export function namesIn(doc) {
  const found = {};
  let section = null;
  let depth = 2;
  for (const text of doc.iterLines()) {
    const [, blank, key] = /^( *)(?:([a-z][a-z0-9_]*):)?/.exec(text);
    if (!key) continue;
    if (!blank) [section, depth] = [key, 2];
    else if (section && blank.length === 2 && CHANGES.includes(key)) depth = 4;
    else if (section && blank.length === depth) (found[section] ??= []).push(key);
  }
  return found;
}
