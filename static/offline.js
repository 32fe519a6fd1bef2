/* Forms that must not lose a word in a room with a bad network: form[data-offline="key"].
   What is typed is kept on this device; sending is repeated until the server has answered. It is called submitted only
   after the server has said so. Without this script the form is sent as any other. */
(function () {
  "use strict";
  var PREFIX = "offline:", AGAIN = [3000, 6000, 12000, 30000, 60000], GONE = 3 * 24 * 3600 * 1000;
  function storage(deed) { try { return deed(window.localStorage); } catch (_) { return null; } }
  function read(key) { return storage(function (s) { return JSON.parse(s.getItem(key)); }) || null; }
  function words(form, name) { return form.getAttribute("data-words-" + name) || ""; }

  function pairs(form) {
    var kept = [];
    new FormData(form).forEach(function (value, name) { if (typeof value === "string" && name !== "csrf_token") kept.push([name, value]); });
    return kept;
  }
  function refill(form, kept) {
    Array.prototype.forEach.call(form.elements, function (el) {
      if (!el.name || el.type === "hidden" || el.type === "submit" || el.name === "csrf_token" || el.name === "sure") return;
      var found = kept.filter(function (p) { return p[0] === el.name; }).map(function (p) { return p[1]; });
      if (el.type === "checkbox" || el.type === "radio") el.checked = found.indexOf(el.value) >= 0;
      else if (found.length) el.value = found[0];
    });
    form.dispatchEvent(new Event("input", { bubbles: true }));
  }
  function body(form, kept) {
    var token = form.querySelector('[name="csrf_token"]'), data = new URLSearchParams();
    if (token) data.append("csrf_token", token.value);
    kept.forEach(function (p) { data.append(p[0], p[1]); });
    return data;
  }

  function Keeper(form) {
    this.form = form;
    this.key = PREFIX + (document.body.dataset.viewer || "") + ":" + form.getAttribute("data-offline");
    this.status = form.querySelector("[data-offline-status]");
    this.tries = 0;
    this.busy = false;
  }
  Keeper.prototype.say = function (name, more) {
    if (!this.status) return;
    this.status.hidden = false;
    this.status.className = "mh-kept mh-kept--" + name;
    this.status.textContent = words(this.form, name) + (more ? " " + more : "");
  };
  Keeper.prototype.store = function (kept, waiting) {
    var key = this.key, row = JSON.stringify({ at: Date.now(), kept: kept, waiting: waiting });
    return storage(function (s) { s.setItem(key, row); return true; });
  };
  Keeper.prototype.forget = function () { var key = this.key; storage(function (s) { s.removeItem(key); }); };

  Keeper.prototype.start = function () {
    var self = this, before = read(this.key), timer;
    if (before && before.kept && Date.now() - before.at < GONE) {
      refill(this.form, before.kept);
      if (before.waiting) { this.say("kept"); this.send(before.kept); } else { this.say("restored"); }
    } else if (before) { this.forget(); }
    this.form.addEventListener("input", function () {
      clearTimeout(timer);
      timer = setTimeout(function () { var now = read(self.key); if (!now || !now.waiting) self.store(pairs(self.form), false); }, 400);
    });
    this.form.addEventListener("click", function (e) { self.pressed = e.target.closest("[type=submit]") || self.pressed; }, true);
    this.form.addEventListener("submit", function (e) {
      if (e.defaultPrevented) return;
      var kept = pairs(self.form);
      var button = e.submitter || self.pressed;
      if (button && button.name) kept.push([button.name, button.value]);
      e.preventDefault();
      clearTimeout(timer);
      self.tries = 0;
      self.say(self.store(kept, true) ? "kept" : "sending");
      self.send(kept);
    });
    window.addEventListener("online", function () { var now = read(self.key); if (now && now.waiting) { self.tries = 0; self.send(now.kept); } });
  };
  Keeper.prototype.later = function (kept) {
    var self = this, pause = AGAIN[Math.min(this.tries, AGAIN.length - 1)];
    this.tries += 1;
    this.say("kept");
    setTimeout(function () { var now = read(self.key); if (now && now.waiting) self.send(now.kept); }, pause);
    return kept;
  };
  Keeper.prototype.send = function (kept) {
    var self = this;
    if (this.busy) return;
    if (navigator.onLine === false) { this.later(kept); return; }
    this.busy = true;
    fetch(this.form.getAttribute("action") || window.location.href, { method: "POST", body: body(this.form, kept), credentials: "same-origin" })
      .then(function (answer) { return answer.text().then(function (text) { return [answer, text]; }); })
      .then(function (both) { self.busy = false; self.answered(both[0], both[1], kept); })
      .catch(function () { self.busy = false; self.later(kept); });
  };
  Keeper.prototype.answered = function (answer, text, kept) {
    var page = new DOMParser().parseFromString(text, "text/html"), told = page.querySelector(".mh-flash--ok");
    var home = page.body && page.body.dataset.viewer || "";
    if (answer.ok && answer.redirected && told && !/\/login/.test(answer.url)) {
      this.forget();
      this.say("sent", told.textContent.trim());
      delete this.form.dataset.sending;
      var to = this.form.getAttribute("data-offline-next") || answer.url;
      setTimeout(function () { window.location.assign(to); }, 600);
      return;
    }
    if (answer.status >= 500 || answer.status === 429) { this.later(kept); return; }
    // The server has read it and says no, or asks to sign in: the text stays here, nothing is sent again by itself.
    this.store(kept, false);
    delete this.form.dataset.sending;
    if (/\/login/.test(answer.url) || (document.body.dataset.viewer && !home)) { this.say("login"); return; }
    var token = page.querySelector('[name="csrf_token"]'), mine = this.form.querySelector('[name="csrf_token"]');
    if (token && mine) mine.value = token.value;
    var version = page.querySelector('form[method="post"] [name="version"]'), own = this.form.querySelector('[name="version"]');
    if (version && own) own.value = version.value;
    var why = Array.prototype.map.call(page.querySelectorAll(".mh-summary li, main .mh-error, main .mh-lead"), function (li) { return li.textContent.trim(); });
    this.say("refused", why.filter(function (one, n) { return one && why.indexOf(one) === n; }).slice(0, 4).join(" "));
  };

  function begin() { Array.prototype.forEach.call(document.querySelectorAll("form[data-offline]"), function (form) { new Keeper(form).start(); }); }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin); else begin();
})();
