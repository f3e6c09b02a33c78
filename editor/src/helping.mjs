// Completion and hover.
import { autocompletion, snippet, startCompletion } from "@codemirror/autocomplete";
import { hoverTooltip } from "@codemirror/view";
import { offers, tell } from "./offering.mjs";
import { namesIn, typingAt, wordAt } from "./place.mjs";

const SHAPES = {
  all: "all: [${}]",
  any: "any: [${}]",
  none: "none: [${}]",
  at_least: "at_least: {count: ${2}, of: [${}]}",
  choice: "{any_of: [${}]}",
  choices: "{any_of: [${}]}",
  date: "{on_or_after: ${}}",
  number: "{at_least: ${}}",
};

function written({ label, key, shape }, place, answering) {
  if (!key) return label;
  if (shape === "text" && !place.inFlow) return `${label}:\n\tfr: "\${}"\n\ten: "\${}"`;
  if (shape === "text") return `${label}: {fr: "\${}", en: "\${}"}`;
  const test = SHAPES[shape];
  const plain = !test || answering ? `${label}: \${}` : test.startsWith(label) ? test : `${label}: ${test}`;
  return place.keyFits ? plain : `{${plain}}`;
}

const both = (title) => {
  const box = document.createElement("div");
  for (const language of ["fr", "en"]) {
    const line = box.appendChild(document.createElement("p"));
    line.lang = language;
    line.textContent = title[language];
  }
  return box;
};

function card(told, language) {
  const box = document.createElement("div");
  box.className = "law-card";
  const head = box.appendChild(document.createElement("p"));
  head.appendChild(document.createElement("code")).textContent = told.label;
  if (told.kind) head.append(` · ${told.kind[language]}`);
  if (told.title) box.append(both(told.title));
  return box;
}

/** Extensions that offer and explain words; `words` is a promise of what the server tells of the pack. */
export function helping(words, language) {
  async function complete(context) {
    const place = typingAt(context.state.doc, context.pos);
    const typed = place && context.state.sliceDoc(place.from, context.pos);
    const known = await words;
    if (!place || !known || (!typed && !context.explicit)) return null;
    const here = offers(known, place.path).filter((offer) => !place.taken.includes(offer.label) && (offer.key || !place.onlyKey));
    const answering = place.path.at(-1) === "facts";
    const options = here.map((offer) => ({
      label: offer.label,
      detail: offer.kind?.[language],
      type: offer.key ? "property" : "constant",
      boost: offer.needed ? 2 : offer.key ? 1 : 0,
      info: offer.title ? () => both(offer.title) : undefined,
      apply: (view, completion, from, to) => {
        snippet(written(offer, place, answering))(view, completion, from, to);
        if (offer.key && offer.shape !== "text") startCompletion(view);
      },
    }));
    for (const id of fresh(known, context.state.doc, here)) options.push({ label: id, type: "constant" });
    return { from: place.from, options, validFor: /^[\w.():-]*( [\w.()]*)?$/ };
  }

  // Concepts and questions that this text names and the pack does not know yet, where such are offered.
  function fresh(known, doc, here) {
    const section = ["definitions", "facts"].find((name) => here.some((offer) => offer.kind === known.kinds[name]));
    if (!section) return [];
    const names = namesIn(doc);
    return ["definitions", "facts"].flatMap((name) => (names[name] ?? []).filter((id) => !known.entries[name][id]));
  }

  const hover = hoverTooltip(async (view, pos, side) => {
    const word = wordAt(view.state, pos, side);
    const known = word && (await words);
    const told = known && tell(known, word);
    if (!told?.title) return null;
    return { pos: word.from, end: word.to, above: true, create: () => ({ dom: card(told, language) }) };
  });
  return [autocompletion({ override: [complete], icons: false, maxRenderedOptions: 200 }), hover];
}
