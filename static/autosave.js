/* Saves what is being typed. "Saved" is said only after the server has answered that it has it; until then the copy on
   this device (app.js, data-keep) is the one that counts. Without this script the form's own buttons do the same. */
(function () {
  "use strict";
  var form = document.querySelector("form[data-autosave]");
  if (!form || !window.fetch || !window.FormData) return;
  var PAUSE = 2500, LONGEST = 20000, PATIENCE = 15000, WAITS = [3000, 6000, 12000, 30000];
  var OUTSIDE = ["csrf_token", "version", "seen", "done", "later"];
  var bar = form.querySelector("[data-autosave-bar]"), text = bar.querySelector("[data-autosave-text]");
  var live = bar.querySelector("[data-autosave-live]"), action = bar.querySelector("[data-autosave-action]");
  var stored = typed(), since = 0, timer, running = null, failures = 0, stopped = false, spoken = "", renewed = false;

  function typed() {
    var pairs = [];
    new FormData(form).forEach(function (v, k) { if (typeof v === "string" && OUTSIDE.indexOf(k) < 0) pairs.push([k, v]); });
    return JSON.stringify(pairs);
  }
  function dirty() { return typed() !== stored; }
  function word(name) { return form.getAttribute("data-words-" + name) || ""; }
  function show(kind, sentence) {
    bar.dataset.kind = kind;
    bar.classList.toggle("is-wrong", kind !== "saved" && kind !== "saving");
    text.textContent = sentence;
    action.hidden = kind !== "clash";
    // Spoken when the matter changes, not every twenty seconds.
    if (kind !== "saving" && (kind !== spoken || kind === "partly")) { live.textContent = sentence; spoken = kind; }
  }
  function plan(ms) {
    if (stopped) return;
    clearTimeout(timer);
    timer = setTimeout(send, ms);
  }
  function retry(sentence) {
    show("failed", sentence);
    plan(WAITS[Math.min(failures++, WAITS.length - 1)]);
  }

  function send(last) {
    clearTimeout(timer);
    if (stopped || form.dataset.sending) return Promise.resolve();
    if (running) { return running.then(function () { return dirty() ? send() : undefined; }); }
    var now = typed();
    if (now === stored) { since = 0; return Promise.resolve(); }
    show("saving", word("saving"));
    var gone = new AbortController(), clock = setTimeout(function () { gone.abort(); }, PATIENCE);
    running = fetch(form.dataset.autosave, {
      method: "POST", body: new FormData(form), credentials: "same-origin", redirect: "manual", signal: gone.signal,
      keepalive: last === true && now.length < 40000, headers: { Accept: "application/json" }
    }).then(function (answer) { return read(answer, now); }, function () { retry(word("failed")); });
    return running.then(function () { clearTimeout(clock); running = null; });
  }
  function read(answer, sent) {
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) return retry(word("signed-out"));
    if (answer.status === 400 && !renewed) { renewed = true; return renew(); }
    if ((answer.headers.get("Content-Type") || "").indexOf("application/json") < 0) return retry(word("later"));
    return answer.json().then(function (told) {
      if (told.kind === "saved") return kept(told, sent);
      stopped = told.kind === "closed";
      since = 0;
      if (told.action) action.textContent = told.action;
      show(told.kind, told.sentence);
    }, function () { retry(word("later")); });
  }
  function kept(told, sent) {
    stored = sent;
    since = 0;
    failures = 0;
    renewed = false;
    form.elements.version.value = told.version;
    form.elements.seen.value = told.seen;
    show(told.partly ? "partly" : "saved", told.sentence);
    if (!told.partly && !dirty()) form.dispatchEvent(new CustomEvent("mh:kept"));
    if (dirty()) plan(PAUSE);
  }
  /* After another log-in the page's token is an old one; the same page, asked for again, brings the new one. */
  function renew() {
    return fetch(form.action, { credentials: "same-origin", redirect: "manual" }).then(function (answer) {
      return answer.ok ? answer.text() : "";
    }).then(function (page) {
      var fresh = page && new DOMParser().parseFromString(page, "text/html").querySelector('[name="csrf_token"]');
      if (!fresh) return retry(word("signed-out"));
      document.querySelectorAll('[name="csrf_token"]').forEach(function (field) { field.value = fresh.value; });
      plan(0);
    }, function () { retry(word("failed")); });
  }

  form.addEventListener("input", function () {
    if (!dirty()) return;
    since = since || Date.now();
    plan(Math.max(0, Math.min(PAUSE, LONGEST - (Date.now() - since))));
  });
  form.addEventListener("focusout", function () { if (dirty()) plan(400); });
  form.addEventListener("click", function (e) { if (e.target.closest("[data-row-remove],[data-row-add]")) setTimeout(function () { if (dirty()) plan(PAUSE); }, 0); });
  document.addEventListener("visibilitychange", function () { if (document.visibilityState === "hidden" && dirty()) send(true); });
  window.addEventListener("pagehide", function () { if (dirty()) send(true); });
  window.addEventListener("online", function () { failures = 0; if (dirty()) plan(0); });
  window.addEventListener("offline", function () { if (dirty()) show("failed", word("failed")); });
  /* Logging out throws the copies on this device away: what is typed goes to the server first. */
  window.addEventListener("submit", function (e) {
    var leaving = /\/logout$/.test(e.target.getAttribute("action") || "");
    if (!leaving || e.target.dataset.flushed || !dirty()) return;
    e.preventDefault();
    e.stopImmediatePropagation();
    send().then(function () {
      if (dirty() && !window.confirm(word("leave"))) return;
      e.target.dataset.flushed = "1";
      e.target.requestSubmit();
    });
  }, true);
})();
