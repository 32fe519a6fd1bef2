/* The countdown of a room: [data-countdown="address of the clock"]. The server starts and stops it; this page asks every few
   seconds, counts on by itself in between, and goes on counting when the network drops. */
(function () {
  "use strict";
  var box, state, skew = 0, best = Infinity, rung = "", audio = null, failed = 0;
  function part(name) { return box.querySelector("[data-" + name + "]"); }
  function write(name, text) { var el = part(name); if (el && el.textContent !== text) el.textContent = text; }
  function word(name) { return box.getAttribute("data-words-" + name) || ""; }
  function two(n) { return (n < 10 ? "0" : "") + n; }
  function clock(seconds) { var n = Math.abs(seconds); return (seconds < 0 ? "+" : "") + two(Math.floor(n / 60)) + ":" + two(n % 60); }

  /* What time it is on the server, by the answer that came back fastest. */
  function learn(data, sent, got) {
    var trip = got - sent;
    if (trip <= best + 50) { best = Math.min(best, trip); skew = data.now + trip / 2 - got; }
    state = data;
    state.asked = data.now;
  }
  function serverNow() { return Date.now() + skew; }
  function left() {
    if (!state || state.left === null) return null;
    return state.left - (state.running ? Math.floor((serverNow() - state.asked) / 1000) : 0);
  }

  function show() {
    if (!state) return;
    var seconds = left(), on = state.stage === "talk" || state.stage === "answer";
    write("clock-left", on ? clock(seconds) : word("idle"));
    write("clock-stage", on ? word(state.stage) + (state.running ? "" : word("paused")) : word(state.state === "running" ? "waiting" : "closed"));
    write("clock-number", on ? word("number").replace("{n}", state.number).replace("{of}", state.of) : state.next ? word("next").replace("{n}", state.next) : "");
    if (state.title !== undefined) {
      write("clock-title", on ? state.title : state.next_title || "");
      write("clock-came", String(state.came));
    }
    var level = !on ? "" : seconds < 0 ? "over" : seconds <= 60 ? "near" : "fine";
    box.className = box.className.replace(/ ?is-\w+/g, "") + (level ? " is-" + level : "");
    var signal = level === "over" ? word("over") : level === "near" ? word("near") : "";
    write("clock-signal", signal);
    var bar = part("clock-bar");
    if (bar) { bar.setAttribute("width", on && state.length ? Math.max(0, Math.min(100, 100 * seconds / state.length)) + "%" : "0%"); }
    var mark = state.number + ":" + state.stage + ":" + level;
    if (on && state.running && mark !== rung && (level === "near" || level === "over")) ring(level === "over" ? 3 : 1);
    rung = mark;
    codes();
  }

  /* The QR of the door: the newest code whose time has come. It was sent for some minutes ahead. */
  function codes() {
    var picture = part("door"), place = part("door-place");
    if (!picture || !state.codes) return;
    var now = serverNow(), due = state.codes.filter(function (c) { return c.from <= now; }), code = due[due.length - 1];
    if (place) place.hidden = !code;
    if (code && picture.src !== code.picture) picture.src = code.picture;
    if (code && code === state.codes[state.codes.length - 1] && failed > 3) write("door-note", word("offline"));
  }

  function ring(times) {
    if (!audio) return;
    for (var n = 0; n < times; n += 1) tone(audio.currentTime + n * 0.7);
  }
  function tone(at) {
    var sound = audio.createOscillator(), loud = audio.createGain();
    sound.frequency.value = 880;
    loud.gain.setValueAtTime(0.0001, at);
    loud.gain.exponentialRampToValueAtTime(0.5, at + 0.02);
    loud.gain.exponentialRampToValueAtTime(0.0001, at + 0.6);
    sound.connect(loud);
    loud.connect(audio.destination);
    sound.start(at);
    sound.stop(at + 0.65);
  }
  function bell(button) {
    var Made = window.AudioContext || window.webkitAudioContext;
    if (!Made) return;
    button.hidden = false;
    button.addEventListener("click", function () {
      var on = button.getAttribute("aria-pressed") !== "true";
      audio = on ? audio || new Made() : null;
      button.setAttribute("aria-pressed", String(on));
      if (on) ring(1);
    });
  }

  function ask() {
    if (document.hidden) return;
    if (navigator.onLine === false) { failed += 1; write("clock-net", word("net")); return; }
    var sent = Date.now();
    fetch(box.getAttribute("data-countdown"), { credentials: "same-origin", cache: "no-store" })
      .then(function (answer) { if (!answer.ok) throw new Error(String(answer.status)); return answer.json(); })
      .then(function (data) { failed = 0; write("clock-net", ""); learn(data, sent, Date.now()); counted(data); show(); })
      .catch(function () { failed += 1; write("clock-net", word("net")); });
  }
  /* Parts of a sheet that wait until the ballots of a presentation have been counted. */
  function counted(data) {
    Array.prototype.forEach.call(document.querySelectorAll("[data-when-counted]"), function (el) {
      if ((data.counted || []).indexOf(el.getAttribute("data-when-counted")) < 0) return;
      el.hidden = el.hasAttribute("data-until-counted");
    });
  }
  function begin() {
    box = document.querySelector("[data-countdown]");
    if (!box) return;
    var first = box.getAttribute("data-now");
    if (first) { learn(JSON.parse(first), Date.now(), Date.now()); best = Infinity; counted(state); show(); }
    var button = part("bell");
    if (button) bell(button);
    var full = document.querySelector("[data-full]");
    if (full && document.documentElement.requestFullscreen) {
      full.hidden = false;
      full.addEventListener("click", function () { document.documentElement.requestFullscreen(); });
    }
    setInterval(show, 250);
    setInterval(ask, Number(box.getAttribute("data-every")) || 4000);
    document.addEventListener("visibilitychange", ask);
    window.addEventListener("online", ask);
    ask();
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin); else begin();
})();
