// Keeps a call's page up to date; without this file everything works by forms and links.
"use strict";

const live = document.getElementById("live");
const status_ = document.getElementById("status");
let source = null;
let waiting = null;
let pressed = false;
let sent = false;

// ---- the live part -------------------------------------------------------------------------------
function sentence() {
  const say = document.getElementById("say");
  return say ? say.textContent.trim() : "";
}

function parsed(html) {
  // A parsed document runs nothing; the collector has escaped everything foreign in it.
  const fresh = new DOMParser().parseFromString(html, "text/html");
  return document.importNode(fresh.body, true);
}

function show(html) {
  const before = sentence(), focused = document.activeElement.id;
  morphChildren(live, parsed(html));
  // What changed its place was taken out and put in again.
  if (focused && document.activeElement === document.body) document.getElementById(focused)?.focus({ preventScroll: true });
  if (sentence() === before) return;
  status_.textContent = sentence();
  if (sent) goOn();
}

function goOn() {
  // As the page that comes after a form does: to where the next step is, unless it is in sight.
  sent = false;
  const next = document.querySelector(".next a");
  const place = next && document.querySelector(next.hash);
  (place?.querySelector("article") ?? place)?.scrollIntoView({ block: "nearest" });
}

function arrived(html) {
  // Whoever is pressing a button just now must not find another one under the finger.
  if (pressed) waiting = html;
  else show(html);
}

function release() {
  pressed = false;
  setTimeout(() => {
    if (waiting !== null && !pressed) {
      show(waiting);
      waiting = null;
    }
  }, 0);
}

// ---- the stream ----------------------------------------------------------------------------------
function connect() {
  if (source || document.hidden || live.dataset.over) return;
  source = new EventSource(live.dataset.events);
  source.addEventListener("message", (event) => arrived(event.data));
  source.addEventListener("strip", (event) => document.getElementById("machine")?.replaceWith(...parsed(event.data).childNodes));
  source.addEventListener("open", () => { if (status_.dataset.lost) { status_.textContent = ""; delete status_.dataset.lost; } });
  source.addEventListener("error", () => {
    status_.dataset.lost = "1";
    status_.textContent = source.readyState === EventSource.CLOSED ? live.dataset.off : live.dataset.lost;
  });
  source.addEventListener("over", () => { live.dataset.over = "1"; disconnect(); });
  source.addEventListener("gone", () => { disconnect(); window.location.reload(); });
}

function disconnect() {
  if (source) source.close();
  source = null;
}

document.addEventListener("pointerdown", () => { pressed = true; });
for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, release);
document.addEventListener("visibilitychange", () => (document.hidden ? disconnect() : connect()));
connect();
