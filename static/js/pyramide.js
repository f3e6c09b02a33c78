// Small comforts; every page works without them.
document.documentElement.classList.add("js");

// A list's filters apply as they are chosen.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-auto]");
  if (form && event.target.matches("select, input[type=checkbox], input[type=date]")) form.requestSubmit();
});

// "None of these" and real choices exclude each other.
document.addEventListener("change", (event) => {
  const box = event.target;
  if (!box.matches("input[type=checkbox]")) return;
  const group = box.closest("[data-choices]");
  if (!group || !box.checked) return;
  const kind = box.dataset.kind;
  group.querySelectorAll("input[type=checkbox]").forEach((other) => {
    if (other === box) return;
    if (kind === "none" || (kind === "option" && other.dataset.kind === "none") || (kind === "unknown" && other.dataset.kind === "none")) {
      other.checked = false;
    }
  });
});

// All lines of a table at once.
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-all]")) return;
  event.target.closest("form").querySelectorAll(`input[name="${event.target.dataset.all}"]`).forEach((box) => {
    box.checked = event.target.checked;
  });
});

// A question replaced by the next one: its heading takes the focus, so that a screen reader reads it.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "work") return;
  const start = document.querySelector("#work [data-focus]");
  if (start) start.focus({ preventScroll: false });
  const title = document.querySelector("#work [data-title]");
  if (title) document.title = title.dataset.title;
});

// An answer refused (409, 422) is shown like any other page part.
document.addEventListener("htmx:beforeSwap", (event) => {
  if ([400, 403, 404, 409, 413, 422].includes(event.detail.xhr.status)) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

// A section saves itself while somebody goes on answering: what was changed since the save left is put back, and saved.
let meanwhile = [];
document.addEventListener("htmx:beforeSwap", (event) => {
  meanwhile = [];
  const form = document.querySelector("#work form.section-list");
  const sent = event.detail.requestConfig.formData;
  if (!form || event.detail.target.id !== "work" || !sent) return;
  for (const field of form.elements) {
    if (!field.id || !field.name || field.type === "hidden") continue;
    const ticked = field.type === "radio" || field.type === "checkbox";
    const before = ticked ? sent.getAll(field.name).includes(field.value) : sent.get(field.name) ?? "";
    const now = ticked ? field.checked : field.value;
    if (before !== now) meanwhile.push({ id: field.id, ticked, now });
  }
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id !== "work" || !meanwhile.length) return;
  const changes = meanwhile;
  meanwhile = [];
  for (const { id, ticked, now } of changes) {
    const field = document.getElementById(id);
    if (field && ticked) field.checked = now;
    else if (field) field.value = now;
  }
  const form = document.querySelector("#work form.section-list");
  if (form) form.dispatchEvent(new Event("change", { bubbles: true }));
});
