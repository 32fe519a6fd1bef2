/* Files one by one, each with its progress, to be stopped and tried again. Without this script the form sends them all. */
(function () {
  "use strict";
  var form = document.querySelector("form[data-upload]");
  if (!form || !window.XMLHttpRequest || !window.FormData) return;
  var input = form.querySelector('input[type="file"]'), list = form.querySelector("[data-chosen]");
  var live = form.querySelector("[data-upload-live]"), most = Number(form.dataset.upload);
  var jobs = [], busy = false, arrived = 0;

  function word(name, values) {
    var text = form.getAttribute("data-words-" + name) || "";
    Object.keys(values || {}).forEach(function (k) { text = text.replace("{" + k + "}", values[k]); });
    return text;
  }
  function make(tag, cls, text) {
    var el = document.createElement(tag);
    if (cls) el.className = cls;
    if (text) el.textContent = text;
    return el;
  }
  function say(sentence) { live.textContent = sentence; }
  function size(bytes) { return bytes < 1048576 ? Math.ceil(bytes / 1024) + " KB" : (bytes / 1048576).toFixed(1) + " MB"; }

  function job(file) {
    var one = { file: file, row: make("li", "mh-upload"), bar: make("progress", "mh-upload__bar"), told: make("span", "mh-upload__told") };
    var name = make("span", "mh-upload__name", file.name);
    one.button = make("button", "mh-btn mh-btn--quiet");
    one.button.type = "button";
    one.bar.max = 100;
    one.bar.value = 0;
    one.bar.setAttribute("aria-label", word("progress", { name: file.name }));
    one.row.append(name, make("span", "mh-num", size(file.size)), one.bar, one.told, one.button);
    one.button.addEventListener("click", function () { press(one); });
    return one;
  }
  function stand(one, kind, sentence) {
    one.kind = kind;
    one.told.textContent = sentence;
    one.row.classList.toggle("is-wrong", kind === "failed");
    one.bar.hidden = kind === "failed" || kind === "stopped";
    one.button.hidden = kind === "done" || kind === "refused";
    one.button.textContent = word(kind === "failed" || kind === "stopped" ? "again" : "stop");
    one.button.setAttribute("aria-label", one.button.textContent + " " + one.file.name);
    if (kind !== "sending" && kind !== "waiting") say(one.file.name + " " + sentence);
  }
  function press(one) {
    if (one.kind === "sending") one.request.abort();
    else if (one.kind === "waiting") stand(one, "stopped", word("stopped"));
    else { stand(one, "waiting", word("waiting")); next(); }
  }
  /* A file that the server would refuse anyway is named before it has been sent. */
  function refusal(file) {
    if (file.size > most) return word("too-big", { size: size(file.size), most: size(most) });
    if (!file.size) return word("empty");
    var kinds = (input.accept || "").split(","), ending = (/\.[^.]+$/.exec(file.name.toLowerCase()) || [""])[0];
    return input.accept && kinds.indexOf(ending) < 0 ? word("kind", { kinds: kinds.map(function (k) { return k.slice(1).toUpperCase(); }).join(word("comma")) }) : "";
  }

  function next() {
    if (busy) return;
    var one = jobs.find(function (j) { return j.kind === "waiting"; });
    if (one) return send(one);
    if (arrived && jobs.every(function (j) { return j.kind === "done"; })) window.location.assign(form.action + "?uploaded=" + arrived);
  }
  function send(one) {
    var data = new FormData(form), request = one.request = new XMLHttpRequest();
    data.delete(input.name);
    data.append(input.name, one.file, one.file.name);
    busy = true;
    stand(one, "sending", "0%");
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.timeout = 300000;
    request.upload.addEventListener("progress", function (e) {
      if (!e.lengthComputable) return;
      var share = Math.round(100 * e.loaded / e.total);
      one.bar.value = share;
      one.told.textContent = share < 100 ? share + "%" : word("checking");
    });
    request.addEventListener("load", function () {
      var told = request.response || {};
      if (request.status === 200 && told.kind === "saved") { arrived++; one.bar.value = 100; stand(one, "done", word("done")); }
      else stand(one, told.kind === "refused" ? "refused" : "failed", told.sentence || word("failed"));
      if (one.kind === "refused") { one.row.classList.add("is-wrong"); one.bar.hidden = true; }
    });
    request.addEventListener("error", function () { stand(one, "failed", word("failed")); });
    request.addEventListener("timeout", function () { stand(one, "failed", word("failed")); });
    request.addEventListener("abort", function () { stand(one, "stopped", word("stopped")); });
    request.addEventListener("loadend", function () { busy = false; next(); });
    request.send(data);
  }

  form.addEventListener("submit", function (e) {
    if (!input.files.length) return;  // the server says what is missing
    if (form.elements.purpose && !form.querySelector('[name="purpose"]:checked')) return;
    e.preventDefault();
    delete form.dataset.sending;
    jobs = jobs.filter(function (j) { return j.kind === "sending" || j.kind === "waiting" || j.kind === "failed"; });
    list.textContent = "";
    Array.from(input.files).forEach(function (file) { jobs.push(job(file)); });
    jobs.forEach(function (one) {
      list.append(one.row);
      if (one.kind) return;
      var why = refusal(one.file);
      if (why) { stand(one, "refused", why); one.row.classList.add("is-wrong"); one.bar.hidden = true; }
      else stand(one, "waiting", word("waiting"));
    });
    input.value = "";
    next();
  });
})();
