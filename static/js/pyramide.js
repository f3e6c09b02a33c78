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
