// A draft that saves itself as it is typed, with a copy on this computer until the server has it.

const PAUSE = 500;
const LONGEST = 30_000;

/** Answer of a request as {status, told}; status 0 when there is none, 401 when the page to sign in came instead. */
async function ask(address, options = {}) {
  let response;
  try {
    response = await fetch(address, { ...options, headers: { "X-Requested-With": "editor", Accept: "application/json" } });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    return { status: 0, told: {} };
  }
  const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
  const told = isJson ? await response.json().catch(() => null) : null;
  if (response.ok && !told) return { status: response.redirected ? 401 : 502, told: {} };
  return { status: response.status, told: told ?? {} };
}

/** The copy of a draft on this computer. Storage that is full or forbidden is no reason to stop typing. */
export function copyOf(address) {
  const name = `law-editor:${address}`;
  const safely = (act) => {
    try {
      return act();
    } catch {
      return null;
    }
  };
  return {
    read: () => safely(() => JSON.parse(localStorage.getItem(name))),
    keep: (text) => safely(() => localStorage.setItem(name, JSON.stringify({ text, time: Date.now() })) ?? true),
    drop: () => safely(() => localStorage.removeItem(name)),
  };
}

/**
 * Saves the text of a form and has it checked.
 *
 * `page` says {text(), line(), save(state), check(state), conflict(theirs), checked(told)}: what is typed, where the
 * cursor is, and what to do with each state, with a text changed elsewhere, and with the answer of a check.
 */
export function saver(form, page) {
  const copy = copyOf(new URL(form.action).pathname);
  const version = form.elements.version;
  let saved = page.text();
  let [timer, wait, sending, stopped, failed] = [null, PAUSE, false, false, false];
  let [checkTimer, asking, silent, kept] = [null, null, false, true];

  function later(pause) {
    clearTimeout(timer);
    timer = setTimeout(save, pause);
  }

  function changed() {
    kept = !silent && copy.keep(page.text());
    asking?.abort();
    clearTimeout(checkTimer);
    if (!failed) page.save({ name: "typing" });
    if (!stopped) later(failed ? wait : PAUSE);
  }

  async function save() {
    clearTimeout(timer);
    if (sending || stopped) return;
    const text = page.text();
    if (text === saved) return settled(text);
    sending = true;
    const fields = new URLSearchParams(new FormData(form));
    fields.set("text", text);
    const { status, told } = await ask(form.action, { method: "POST", body: fields });
    sending = false;
    if (status === 409) {
      stopped = true;
      page.conflict(told);
    } else if (status === 200 && told.version !== undefined) {
      version.value = told.version;
      saved = text;
      settled(text);
    } else if (status === 422) {
      page.save({ name: "refused", message: told.message }); // the same text would be refused again
    } else {
      failed = true;
      wait = Math.min(wait * 2, LONGEST);
      page.save({ name: "unsaved", status, message: told.message });
      later(wait);
    }
  }

  // The server has this text.
  function settled(text) {
    [failed, wait] = [false, PAUSE];
    if (page.text() !== text) return later(PAUSE);
    if (copy.read()?.text === text || !silent) copy.drop();
    page.save({ name: "saved", time: Date.now() });
    check();
  }

  async function check() {
    clearTimeout(checkTimer);
    asking?.abort();
    const own = (asking = new AbortController());
    const text = page.text();
    if (text !== saved) return;
    page.check({ name: "checking" });
    const address = new URL(form.dataset.check, location);
    address.searchParams.set("cursor", page.line());
    let answer;
    try {
      answer = await ask(address, { signal: own.signal });
    } catch {
      return; // a later one is on its way
    }
    if (own.signal.aborted || page.text() !== text) return;
    if (answer.status === 200) page.checked(answer.told);
    else {
      if (answer.status !== 202) page.check({ name: "unchecked" });
      checkTimer = setTimeout(check, answer.told.retry ?? LONGEST / 6);
    }
  }

  /** Go on from the text that the server has, after a conflict. */
  function resume(theirs) {
    version.value = theirs.version;
    saved = theirs.text;
    [stopped, failed, wait] = [false, false, PAUSE];
    save();
  }

  window.addEventListener("online", save);
  document.addEventListener("visibilitychange", () => document.hidden && save());
  window.addEventListener("beforeunload", (event) => {
    if (page.text() !== saved && !kept) event.preventDefault();
  });
  return {
    changed,
    save,
    resume,
    moved: () => {
      clearTimeout(checkTimer);
      checkTimer = setTimeout(check, PAUSE);
    },
    check,
    copy,
    /** Leave the copy on this computer as it is while somebody decides about it. */
    hold: (on) => (silent = on),
  };
}
