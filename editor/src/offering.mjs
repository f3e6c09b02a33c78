// What may be written at a place, after the schema of rule files and the names of the pack.

function expand(schema, node, name, found = []) {
  if (node.$ref) {
    const called = node.$ref.split("/").at(-1);
    return expand(schema, schema.$defs[called], called, found);
  }
  for (const either of node.anyOf ?? []) expand(schema, either, name, found);
  if (!node.anyOf) found.push({ ...node, name });
  if (node.items) expand(schema, node.items, name, found);
  return found;
}

// Parts of the schema that may stand under a path of keys.
function fitting(schema, path) {
  let nodes = expand(schema, schema);
  for (const key of path) {
    const named = nodes.filter((node) => node.properties && Object.hasOwn(node.properties, key));
    const next = named.length
      ? named.map((node) => node.properties[key])
      : nodes.map((node) => node.additionalProperties).filter((node) => typeof node === "object");
    nodes = next.flatMap((node) => expand(schema, node));
  }
  return nodes;
}

/** All that fits under `path`: {label, kind, title, key, shape}; `key` when it takes a value, `shape` says which. */
export function offers(words, path) {
  const found = new Map();
  const add = (label, offer) => found.has(label) || found.set(label, { label, ...offer });
  const entry = (section) => (id) => {
    const told = words.entries[section][id];
    return { kind: words.kinds[section], title: told.title, shape: section === "facts" ? told.type : "" };
  };
  const list = (section, key = false) => {
    for (const id of Object.keys(words.entries[section] ?? {})) add(id, { ...entry(section)(id), key });
  };
  const facts = words.entries.facts;
  const asked = path.findLast((key) => Object.hasOwn(facts, key));
  const answers = () => {
    for (const [id, title] of Object.entries(facts[asked]?.options ?? {})) add(id, { title });
    if (!asked || facts[asked].type === "boolean") for (const id of ["true", "false"]) add(id, { title: words.values[id] });
  };
  const last = path.at(-1);
  const names = words.refers[last === "include" || last === "exclude" ? path.at(-2) : last];

  if (path.at(-2) === "facts" && path.length > 2 && asked === last) answers();
  for (const node of fitting(words.schema, path)) {
    for (const key of Object.keys(node.properties ?? {})) {
      if (node.name === "test" && !(words.tests[facts[asked]?.type] ?? []).includes(key)) continue;
      const isText = expand(words.schema, node.properties[key])[0].name === "text";
      const title = path.length ? words.keys[key] : words.top[key];
      add(key, { key: true, title, shape: node.name === "condition" ? key : isText && "text", needed: node.required?.includes(key) });
    }
    for (const value of node.enum ?? []) add(String(value), { title: words.values[value] });
    if (node.name === "condition" && node.type === "string") {
      list("definitions");
      for (const [id, { type }] of Object.entries(facts)) {
        if (type !== "text") add(id, { ...entry("facts")(id), key: type !== "boolean" });
      }
    } else if (node.name === "test") answers();
    else if (node.name === "cite" || path.at(-2) === "cites") cite(words, add);
    else if (node.name === "source") words.sources.forEach((source) => add(source, { title: sourced(words, source) }));
    else if (node.name === "facts") list("facts", true);
    else if (node.type === "string" && last?.endsWith("_of")) answers();
    else if (node.type === "string" && names) list(names);
  }
  if (path.length === 2 && ["replace", "repeal"].includes(last)) list(path[0], true);
  if (last === "raise" || last === "due") list(names, true);
  return [...found.values()];
}

function cite(words, add) {
  words.headings ??= new Map(words.provisions.map((provision) => [provision.label, provision.heading]));
  for (const { label, heading, under } of words.provisions) add(label, { title: heading ?? words.headings.get(under) });
}

function sourced(words, source) {
  const [kind, ...name] = source.split(":");
  const section = { fact: "facts", obligation: "obligations", finding: "findings", organisation: "roles" }[kind];
  return words.entries[section]?.[name.join(":")]?.title;
}

/** What stands at a word: one of the offers of its place, or the entry that it names. */
export function tell(words, { path, text }) {
  const told = offers(words, path).find((offer) => offer.label === text);
  if (told) return told;
  const [section, change] = path;
  const named = path.length === 1 || (path.length === 2 && change === "insert");
  const entry = named && words.entries[section]?.[text];
  return entry ? { label: text, kind: words.kinds[section], title: entry.title } : null;
}
