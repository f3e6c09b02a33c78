// What may be written where the cursor stands, and what a word means; all of it comes from the pack.
const WORD = /[\w:.$-]*/;
const GROUPS = ["all", "any", "none", "not", "of", "when", "unless", "percent_when", "lower_when"];

// The keys above a line, outermost first, by indentation; "insert", "replace", "repeal" are steps like any other.
function path(doc, number, indent) {
  const found = [];
  let left = indent;
  for (let n = number - 1; n >= 1 && left > 0; n -= 1) {
    const text = doc.line(n).text;
    const match = /^(\s*)(?:- )*([\w$:.-]+):(?:\s|$)/.exec(text);
    if (!match || text.trim().startsWith("#")) continue;
    const depth = match[1].length;
    if (depth < left) { found.unshift(match[2]); left = depth; }
  }
  return found;
}

function place(state, at) {
  const line = state.doc.lineAt(at);
  const before = line.text.slice(0, at - line.from);
  const indent = /^\s*(?:- )*/.exec(line.text)[0].length;
  const keys = path(state.doc, line.number, indent);
  const inline = [...before.matchAll(/([\w$:.-]+):\s/g)].map((match) => match[1]);
  const all = [...keys, ...inline];
  return { keys: all, value: inline.length > 0 || /^\s*- /.test(line.text), indent };
}

function options(entries, language, kind) {
  return Object.entries(entries || {}).map(([label, entry]) => ({ label, detail: kind, info: (entry.title || entry)[language], type: "variable" }));
}

function section(keys) {
  return ["insert", "replace", "repeal", "raise"].includes(keys[1]) ? { name: keys[0], entry: keys[2], rest: keys.slice(3) } : { name: keys[0], entry: keys[1], rest: keys.slice(2) };
}

export function complete(context, words, language) {
  if (!words) return null;
  const cited = context.matchBefore(/(?:cite:\s*\[?|,\s*|-\s+)(?:art|annex|rec)[^,\]]*/);
  if (cited) {
    const start = cited.from + /^(?:cite:\s*\[?|,\s*|-\s+)/.exec(cited.text)[0].length;
    const { keys } = place(context.state, start);
    if (keys[keys.length - 1] === "cite") return { from: start, options: offered(keys, true, words, language), filter: true };
  }
  const word = context.matchBefore(WORD);
  if (!context.explicit && (!word || word.from === word.to)) return null;
  const { keys, value } = place(context.state, word ? word.from : context.pos);
  const found = offered(keys, value, words, language);
  return found.length ? { from: word ? word.from : context.pos, options: found, validFor: /^[\w:.$ ()-]*$/ } : null;
}

function offered(keys, value, words, language) {
  const last = keys[keys.length - 1];
  const { name, entry, rest } = section(keys);
  if (!keys.length && !value) return Object.entries(words.top).map(([label, help]) => ({ label, info: help[language], type: "keyword" }));
  if (last === "cite") return words.provisions.map((one) => ({ label: one.label, info: one.heading && one.heading[language], type: "text" }));
  const fact = words.entries.facts[last] || (["any_of", "all_of", "none_of"].includes(last) && words.entries.facts[keys[keys.length - 2]]);
  if (fact && name !== "facts" && fact.options) {
    const tests = (words.tests[fact.type] || []).map((label) => ({ label: String(label), type: "keyword" }));
    return [...options(fact.options, language), ...(words.entries.facts[last] ? tests : [])];
  }
  if (fact && name !== "facts") return (words.tests[fact.type] || []).map((label) => ({ label: String(label), type: "keyword" }));
  if (words.refers[last]) return options(words.entries[words.refers[last]], language, words.kinds[words.refers[last]][language]);
  if (rest.some((key) => GROUPS.includes(key)) || GROUPS.includes(last)) {
    return [
      ...["all", "any", "none", "not", "at_least"].map((label) => ({ label, info: words.keys[label] && words.keys[label][language], type: "keyword" })),
      ...options(words.entries.definitions, language, words.kinds.definitions[language]),
      ...options(words.entries.facts, language, words.kinds.facts[language]),
    ];
  }
  if (value && words.schema) {
    const allowed = values(words, name, last);
    if (allowed.length) return allowed.map((label) => ({ label, info: words.values[label] && words.values[label][language], type: "enum" }));
  }
  if (entry && !rest.length && !value) return keysOf(words, name).map((label) => ({ label, info: words.keys[label] && words.keys[label][language], type: "keyword" }));
  return [];
}

function resolve(words, schema) {
  let found = schema;
  while (found && found.$ref) found = found.$ref.replace("#/", "").split("/").reduce((at, step) => at && at[step], words.schema);
  return found || {};
}

function entrySchema(words, name) {
  const top = resolve(words, words.schema.properties[name]);
  const choices = [top, ...(top.anyOf || []), ...(top.oneOf || [])].map((one) => resolve(words, one));
  for (const one of choices) {
    const inner = one.additionalProperties || Object.values(one.patternProperties || {})[0];
    if (inner && typeof inner === "object") return resolve(words, inner);
  }
  return {};
}

function keysOf(words, name) {
  return name && words.schema.properties[name] ? Object.keys(entrySchema(words, name).properties || {}) : [];
}

function values(words, name, key) {
  if (!name || !words.schema.properties[name]) return [];
  const found = resolve(words, (entrySchema(words, name).properties || {})[key]);
  return (found.enum || []).map(String);
}

export function helpAt(state, at, words, language) {
  const line = state.doc.lineAt(at);
  const text = line.text;
  let from = at - line.from;
  let to = from;
  while (from > 0 && /[\w:.-]/.test(text[from - 1])) from -= 1;
  while (to < text.length && /[\w:.-]/.test(text[to])) to += 1;
  const name = text.slice(from, to).replace(/:$/, "");
  if (!name) return null;
  const cite = words.provisions.find((one) => text.includes(one.label) && text.indexOf(one.label) <= at - line.from && text.indexOf(one.label) + one.label.length >= at - line.from && one.heading);
  const lines = [];
  if (cite && /cite/.test([...place(state, at).keys, text].join(" "))) lines.push(`${cite.label}: ${cite.heading[language]}`);
  for (const [section_, entries] of Object.entries(words.entries)) {
    const entry = entries[name];
    if (entry) lines.push(`${words.kinds[section_] ? words.kinds[section_][language] : section_}: ${entry.title.fr}`, entry.title.en);
  }
  for (const fact of Object.values(words.entries.facts)) {
    if (!lines.length && fact.options && fact.options[name]) lines.push(fact.options[name].fr, fact.options[name].en);
  }
  if (!lines.length && words.keys[name]) lines.push(words.keys[name][language]);
  return lines.length ? { from: line.from + from, to: line.from + to, lines } : null;
}
