/* What script adds. Every page works without it: nothing here is needed to read, fill in or send.
   Loaded before the body so that menus are closed on phones before the first paint; the rest waits for the document. */
(function () {
  "use strict";
  var root = document.documentElement;
  root.classList.add("js");
  var phone = window.matchMedia("(max-width: 61.99em)");

  function all(selector, within) { return Array.prototype.slice.call((within || document).querySelectorAll(selector)); }
  function word(name) { return document.body.getAttribute("data-words-" + name) || ""; }
  function make(tag, cls, text) {
    var el = document.createElement(tag);
    if (cls) el.className = cls;
    if (text) el.textContent = text;
    return el;
  }

  /* Chinese input methods: no request for every pinyin letter, one when the characters are chosen. */
  document.addEventListener("input", function (e) { if (e.isComposing) e.stopImmediatePropagation(); }, true);
  document.addEventListener("compositionend", function (e) { e.target.dispatchEvent(new Event("input", { bubbles: true })); }, true);

  /* ---- menus: open in the page for people without script, closed here on phones ---- */
  function fitMenus() {
    all("details[data-phone-closed]").forEach(function (d) { d.open = !phone.matches; d.setAttribute("data-ready", ""); });
  }
  function openMenus() { return all("details[data-menu-auto][open]" + (phone.matches ? ",.mh-menu[open]" : "")); }
  function closeMenus(e) {
    openMenus().forEach(function (d) { if (!d.contains(e.target)) d.open = false; });
  }

  /* ---- fields ---- */
  function count(area) {
    var out = document.getElementById(area.id + "-count");
    if (!out) return;
    // Code points, and one for a line break, as the server counts.
    var left = Number(area.dataset.limit) - Array.from(area.value.trim()).length;
    out.textContent = (left < 0 ? out.dataset.over : out.dataset.left).replace("{n}", Math.abs(left));
    out.classList.toggle("is-over", left < 0);
  }
  function listFiles(input) {
    var list = document.querySelector('[data-chosen="' + input.id + '"]');
    if (!list) return;
    list.textContent = "";
    Array.from(input.files).forEach(function (f) {
      var row = make("li"), kb = f.size / 1024;
      row.append(make("span", "", f.name), make("span", "mh-num", kb < 1024 ? Math.ceil(kb) + " KB" : (kb / 1024).toFixed(1) + " MB"));
      list.append(row);
    });
  }
  function reveal(button) {
    var input = document.getElementById(button.dataset.reveal), shown = input.type === "text";
    if (!button.dataset.showWord) button.dataset.showWord = button.textContent;
    input.type = shown ? "password" : "text";
    button.textContent = shown ? button.dataset.showWord : button.dataset.hideWord;
    button.setAttribute("aria-pressed", String(!shown));
  }
  function amount(text) {
    var n = Number(String(text).normalize("NFKC").replace(/[,\s元]/g, ""));
    return isFinite(n) ? n : 0;
  }
  function sum(name) {
    var total = all('[data-sum="' + name + '"]').reduce(function (t, i) { return t + Math.round(amount(i.value) * 100); }, 0) / 100;
    all('[data-sum-of="' + name + '"]').forEach(function (o) {
      o.textContent = total.toLocaleString("en-US", { minimumFractionDigits: total % 1 ? 2 : 0, maximumFractionDigits: 2 });
    });
  }

  /* Price times quantity in each row; `data-by` names the choice by which the rows' amounts are summed. */
  function products(box) {
    all("[data-row]", box).forEach(function (row) {
      var out = row.querySelector("[data-product]");
      if (!out) return;
      function field(name) { return row.querySelector('[name$="-' + name + '"]'); }
      var by = field(out.dataset.by), n = out.dataset.product.split(" ").reduce(function (t, name) { return t * amount(field(name).value); }, 1);
      out.textContent = n.toLocaleString("en-US", { minimumFractionDigits: n % 1 ? 2 : 0, maximumFractionDigits: 2 });
      out.dataset.sum = box.dataset.rows + "-" + (by ? by.value : "");
    });
    all("[data-sum-of]", box).forEach(function (o) { sum(o.dataset.sumOf); });
  }

  /* ---- rows that can be added and taken away ---- */
  function renumber(box) {
    var prefix = box.dataset.rows, part = new RegExp("^(" + prefix.replace(/[-.*+?^${}()|[\]\\]/g, "\\$&") + "-)\\d+(-.*)$");
    all("[data-row]", box).forEach(function (row, i) {
      all("[name],[id],[for],[aria-describedby]", row).forEach(function (el) {
        ["name", "id", "for", "aria-describedby"].forEach(function (a) {
          var v = el.getAttribute(a);
          if (v) el.setAttribute(a, v.replace(part, "$1" + i + "$2").replace(/^remove-row-\d+$/, "remove-row-" + i));
        });
      });
      all("[data-row-label]", row).forEach(function (el) { el.textContent = el.dataset.rowLabel.replace("{n}", i + 1); });
    });
    if (box.querySelector("[data-product]")) products(box);
    else if (box.querySelector("[data-sum]")) sum(prefix);
  }
  function blank(row) {
    all("input,select,textarea", row).forEach(function (el) {
      if (el.type === "checkbox" || el.type === "radio") el.checked = false; else if (el.tagName === "SELECT") el.selectedIndex = 0; else el.value = "";
      el.removeAttribute("aria-invalid");
    });
    all(".mh-error", row).forEach(function (el) { el.remove(); });
    all(".is-wrong", row).forEach(function (el) { el.classList.remove("is-wrong"); });
    return row;
  }
  function addRow(button, e) {
    var box = button.closest("[data-rows]"), body = box.querySelector("[data-rows-body]");
    var template = box.querySelector("template[data-row-template]"), rows = all("[data-row]", body);
    var source = template ? template.content.querySelector("[data-row]") : rows[rows.length - 1];
    if (!source) return;  // nothing to copy: the server adds the row
    e.preventDefault();
    var row = blank(document.importNode(source, true));
    body.append(row);
    renumber(box);
    var first = row.querySelector("input:not([type=hidden]),select,textarea");
    if (first) first.focus();
  }
  function removeRow(button, e) {
    var box = button.closest("[data-rows]"), rows = all("[data-row]", box), row = button.closest("[data-row]");
    var next = rows[rows.indexOf(row) + 1] || rows[rows.indexOf(row) - 1];
    e.preventDefault();
    if (next) { row.remove(); (next.querySelector("[data-row-remove]") || box).focus(); } else blank(row);
    renumber(box);
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /* ---- score sheets ---- */
  function scoreOf(item) {
    var na = item.querySelector("[data-na]"), max = Number(item.dataset.max);
    if (na && na.checked) return { na: true };
    if (item.dataset.computed !== undefined) return item.dataset.computed === "" ? { na: true } : { max: max, value: Number(item.dataset.computed) };
    var field = item.querySelector("[data-score]:checked") || item.querySelector("[data-score]:not([type=radio])");
    var value = field && field.value !== "" ? Number(field.value) : null;
    return { max: max, value: value !== null && value >= 0 && value <= max ? value : null };
  }
  function half(n) { return String(Math.round(n * 100) / 100); }
  function total(sheet) {
    var points = 0, most = 0, beside = 0, cap = 100, groups = {}, missing = [], stopped = false;
    all("[data-item]", sheet).forEach(function (item) {
      var s = scoreOf(item), group = item.dataset.group || "";
      item.classList.toggle("is-off", !!s.na);
      all("[data-set]", item).forEach(function (b) { b.setAttribute("aria-pressed", String(!s.na && s.value !== null && Number(b.dataset.value) === s.value)); });
      if (s.na) return;
      if (item.dataset.kind) { beside += (s.value || 0) * (item.dataset.kind === "bonus" ? 1 : -1); return; }
      most += s.max;
      if (s.value === null) { missing.push(item); return; }
      points += s.value;
      if (s.value === 0 && "veto" in item.dataset) stopped = true;
      groups[group] = (groups[group] || 0) + s.value;
    });
    all("[data-cap]", sheet).forEach(function (o) { cap = Number(o.dataset.cap); });
    if (stopped) points = 0; else if (beside) points = Math.max(0, Math.min(cap, points + beside));
    all("[data-sheet-light]", sheet).forEach(function (o) {
      var share = most ? Math.round(10000 * points / most) / 100 : 0;
      var light = stopped ? "red" : missing.length || !most ? "" : share >= Number(o.dataset.green) ? "green" : share >= Number(o.dataset.yellow) ? "yellow" : "red";
      o.className = "mh-bar__light" + (light ? " mh-tag mh-tag--" + { green: "ok", yellow: "warn", red: "danger" }[light] : "");
      o.textContent = light ? o.getAttribute("data-word-" + light) : "";
    });
    all("[data-sheet-total]", sheet).forEach(function (o) { o.textContent = half(points); });
    all("[data-sheet-max]", sheet).forEach(function (o) { o.textContent = half(most); });
    all("[data-group-total]", sheet).forEach(function (o) { o.textContent = half(groups[o.dataset.groupTotal] || 0); });
    all("[data-sheet-left]", sheet).forEach(function (o) {
      o.textContent = "";
      if (!missing.length) { o.textContent = o.dataset.wordsDone; return; }
      var link = make("a", "", o.dataset.wordsLeft.replace("{n}", missing.length));
      link.href = "#" + missing[0].id;
      o.append(link);
    });
  }
  function setScore(button) {
    var input = document.getElementById(button.dataset.set);
    input.value = button.dataset.value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /* ---- a copy of what was typed stays on this device until it has been sent ---- */
  function values(form) {
    var kept = {};
    new FormData(form).forEach(function (v, k) {
      var field = form.elements[k];
      if (typeof v === "string" && k !== "csrf_token" && k !== "version" && k !== "seen" && k !== "sure" && k !== "opened" && !(field && field.type === "password")) (kept[k] = kept[k] || []).push(v);
    });
    return kept;
  }
  /* What the writer had before them: a copy that is restored is compared with that, never laid over what others wrote since. */
  function base(form, set) {
    return ["version", "seen"].map(function (name, n) {
      var field = form.querySelector('input[type="hidden"][name="' + name + '"]');
      if (field && set && set[n]) field.value = set[n];
      return field ? field.value : "";
    });
  }
  /* As many rows as the copy has, before they are filled. */
  function fillRows(form, kept) {
    all("[data-rows]", form).forEach(function (box) {
      var prefix = box.dataset.rows + "-", have = all("[data-row]", box).length, most = 0, button = box.querySelector("[data-row-add]");
      Object.keys(kept).forEach(function (k) { if (k.indexOf(prefix) === 0) most = Math.max(most, parseInt(k.slice(prefix.length), 10) + 1 || 0); });
      for (; button && have < Math.min(most, 100); have++) addRow(button, { preventDefault: function () {} });
    });
  }
  function fill(form, kept) {
    fillRows(form, kept);
    all("input,select,textarea", form).forEach(function (el) {
      var v = kept[el.name];
      if (!el.name || el.type === "hidden" || el.type === "file" || el.type === "password") return;
      if (el.type === "checkbox" || el.type === "radio") el.checked = !!v && v.indexOf(el.value) >= 0;
      else if (el.multiple) Array.from(el.options).forEach(function (o) { o.selected = !!v && v.indexOf(o.value) >= 0; });
      else if (v) el.value = v.shift();
    });
    form.dispatchEvent(new Event("input", { bubbles: true }));
  }
  function storage(deed) { try { return deed(window.localStorage); } catch (_) { return null; } }
  var WEEK = 7 * 24 * 3600 * 1000, PREFIX = "keep:";
  function forget(which) {
    storage(function (s) { Object.keys(s).filter(function (k) { return k.indexOf(PREFIX) === 0 && which(k, s.getItem(k)); }).forEach(function (k) { s.removeItem(k); }); });
  }
  function read(text) { try { return JSON.parse(text) || {}; } catch (_) { return {}; } }
  function write(key, form, sent) {
    storage(function (s) { s.setItem(key, JSON.stringify({ at: Date.now(), sent: sent, base: base(form), text: JSON.stringify(values(form)) })); });
  }
  /* The server says "done" with a green message; only then is a copy that was sent thrown away. A lost connection keeps it. */
  function tidy() {
    var done = document.querySelector(".mh-flash--ok");
    forget(function (key, text) { var copy = read(text); return done && copy.sent || Date.now() - (copy.at || 0) > WEEK; });
  }
  function keep(form) {
    var key = PREFIX + (document.body.dataset.viewer || "") + ":" + form.dataset.keep, before = JSON.stringify(values(form)), timer;
    var copy = read(storage(function (s) { return s.getItem(key); }));
    function note() {
      clearTimeout(timer);
      if (timer && JSON.stringify(values(form)) !== before) write(key, form, false);
      timer = 0;
    }
    // Going back, a browser would put the old words over a newer page: they come from the copy, with what they were based on.
    if (base(form).some(Boolean)) form.setAttribute("autocomplete", "off");
    if (copy.text && copy.text !== before && !document.querySelector("[data-error-summary]")) offer(form, copy, key);
    form.addEventListener("input", function () {
      clearTimeout(timer);
      timer = setTimeout(note, 800);
    });
    form.addEventListener("focusout", note);
    form.addEventListener("submit", function () { clearTimeout(timer); timer = 0; write(key, form, true); });
    // The server has it now (autosave.js).
    form.addEventListener("mh:kept", function () {
      clearTimeout(timer);
      timer = 0;
      before = JSON.stringify(values(form));
      storage(function (s) { s.removeItem(key); });
    });
  }
  function offer(form, copy, key) {
    var box = make("div", "mh-banner mh-banner--warn"), body = make("div", "mh-banner__body"), row = make("p", "mh-flow");
    var yes = make("button", "mh-btn mh-btn--line", word("restore-yes")), no = make("button", "mh-btn mh-btn--quiet", word("restore-no"));
    yes.type = no.type = "button";
    yes.addEventListener("click", function () { base(form, copy.base); fill(form, JSON.parse(copy.text)); box.remove(); });
    no.addEventListener("click", function () { storage(function (s) { s.removeItem(key); }); box.remove(); });
    row.append(yes, no);
    body.append(make("p", "mh-banner__title", word("restore")), row);
    box.append(body);
    form.prepend(box);
  }
  /* ---- asking before it is done ---- */
  function ask(sentence, button, then) {
    var box = make("dialog", "mh-dialog"), row = make("p", "mh-actions"), text = make("p", "", sentence);
    var danger = button && button.classList.contains("mh-btn--danger");
    var yes = make("button", "mh-btn mh-btn--" + (danger ? "danger" : "primary"), button && button.textContent.trim() || word("confirm")), no = make("button", "mh-btn mh-btn--line", word("cancel"));
    yes.type = no.type = "button";
    text.id = "dialog-text";
    box.setAttribute("aria-labelledby", "dialog-text");
    yes.addEventListener("click", function () { box.close(); then(); });
    no.addEventListener("click", function () { box.close(); });
    box.addEventListener("close", function () { box.remove(); });
    row.append(yes, no);
    box.append(text, row);
    document.body.append(box);
    box.showModal();
    no.focus();
  }
  function onSubmit(e) {
    var form = e.target, button = e.submitter;
    if (!posts(form) || form.dataset.asked) return;
    if (navigator.onLine === false && !form.hasAttribute("data-offline")) { e.preventDefault(); e.stopImmediatePropagation(); online(); return; }
    // A second press while the first is on its way sends nothing; after five seconds it may be tried again.
    if (form.dataset.sending) { e.preventDefault(); e.stopImmediatePropagation(); return; }
    var plain = button && (button.hasAttribute("formnovalidate") || button.classList.contains("mh-btn--line") && !form.dataset.confirm);
    var sentence = form.dataset.confirm || (root.dataset.mode === "care" && !form.hasAttribute("data-no-confirm") && !plain ? word("sure") : "");
    if (!sentence || plain || !window.HTMLDialogElement) { sending(form); return; }
    e.preventDefault();
    e.stopImmediatePropagation();
    ask(sentence, button, function () { form.dataset.asked = "1"; sending(form); form.requestSubmit(button || undefined); delete form.dataset.asked; });
  }
  function posts(form) { return (form.getAttribute("method") || "").toLowerCase() === "post"; }
  function sending(form) {
    if (/\/logout$/.test(form.getAttribute("action") || "")) forget(function () { return true; });
    form.dataset.sending = "1";
    setTimeout(function () { delete form.dataset.sending; }, 5000);
  }

  /* ---- connection ---- */
  var notice;
  function online() {
    if (notice) { notice.remove(); notice = null; }
    if (navigator.onLine !== false) return;
    notice = make("p", "mh-notice m-0", word("offline"));
    notice.setAttribute("role", "status");
    document.body.prepend(notice);
  }

  function jump(e, link) {
    var target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!target) return;
    var field = target.matches("input,select,textarea") ? target : target.querySelector("input:not([type=hidden]),select,textarea");
    if (!field) return;
    e.preventDefault();
    target.scrollIntoView({ block: "start" });
    (field.closest(".mh-field,[data-item],tr") || field).scrollIntoView({ block: "center" });
    field.focus({ preventScroll: true });
  }

  function onClick(e) {
    closeMenus(e);
    var hit = e.target.closest("[data-print],[data-reveal],[data-set],[data-row-add],[data-row-remove],[data-inert],[data-error-summary] a,[data-sheet-left] a");
    if (!hit) return;
    if (hit.hasAttribute("data-print")) window.print();
    else if (hit.dataset.reveal) reveal(hit);
    else if (hit.dataset.set) setScore(hit);
    else if (hit.hasAttribute("data-row-add")) addRow(hit, e);
    else if (hit.hasAttribute("data-row-remove")) removeRow(hit, e);
    else if (hit.hasAttribute("data-inert")) e.preventDefault();
    else jump(e, hit);
  }
  function onInput(e) {
    var t = e.target, sheet = t.closest && t.closest("[data-sheet]");
    if (t.dataset && t.dataset.limit) count(t);
    if (t.dataset && t.dataset.sum) sum(t.dataset.sum);
    var priced = t.closest && t.closest("[data-rows]");
    if (priced) products(priced);
    if (sheet) total(sheet);
    if (t.tagName === "FORM") fresh(t);
  }
  function onKey(e) {
    var typing = /^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName) || e.target.isContentEditable;
    if (e.key === "/" && !typing && !e.ctrlKey && !e.metaKey && !e.altKey) {
      var box = document.querySelector("[data-search]");
      if (box) { e.preventDefault(); box.focus(); box.select(); }
    } else if (e.key === "Enter" && (e.ctrlKey || e.metaKey) && e.target.form && posts(e.target.form)) {
      e.preventDefault();
      e.target.form.requestSubmit();
    } else if (e.key === "Escape") {
      openMenus().forEach(function (d) { d.open = false; d.querySelector("summary").focus(); });
    }
  }

  /* For a part of the page that has just appeared: the whole document, or what htmx put in. */
  function fresh(part) {
    all("[data-limit]", part).forEach(count);
    all("[data-rows]", part).forEach(function (b) { if (b.querySelector("[data-sum]")) sum(b.dataset.rows); products(b); });
    all("[data-print],[data-reveal],[data-set]", part).forEach(function (b) { b.hidden = false; });
    (part.matches && part.matches("[data-sheet]") ? [part] : all("[data-sheet]", part)).forEach(total);
  }
  /* What is folded away on the screen stands on paper (older browsers do not open it by style). */
  var unfolded = [];
  function unfold() { unfolded = all("details.mh-details:not([open])", document); unfolded.forEach(function (d) { d.open = true; }); }
  function foldBack() { unfolded.forEach(function (d) { d.open = false; }); unfolded = []; }
  function start() {
    addEventListener("beforeprint", unfold);
    addEventListener("afterprint", foldBack);
    fitMenus();
    phone.addEventListener("change", fitMenus);
    fresh(document);
    tidy();
    all("form[data-keep]").forEach(keep);
    online();
    all("[data-strip] a[aria-current]").forEach(function (a) { var s = a.closest("[data-strip]"); s.scrollLeft = a.offsetLeft - s.offsetLeft - 16; });
    var summary = document.querySelector("[data-error-summary]");
    if (summary) summary.focus();
  }

  document.addEventListener("click", onClick);
  document.addEventListener("input", onInput);
  document.addEventListener("change", function (e) { if (e.target.type === "file") listFiles(e.target); else onInput(e); });
  document.addEventListener("submit", onSubmit, true);
  document.addEventListener("keydown", onKey);
  document.addEventListener("htmx:afterSwap", function (e) { fresh(e.target); });
  window.addEventListener("online", online);
  window.addEventListener("offline", online);
  /* A page from the back-forward cache may show moves that are gone by now. Nothing typed is lost: forms are left alone. */
  window.addEventListener("pageshow", function (e) { if (e.persisted && !document.querySelector('form[method="post"] textarea, form[data-keep]')) window.location.reload(); });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start); else start();
})();
