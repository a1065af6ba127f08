// Keeps a call's page up to date and gives it keys; without this file everything works by forms and links.
"use strict";

const live = document.getElementById("live");
const status_ = document.getElementById("status");
const help = document.getElementById("keys");
const keysOn = document.getElementById("keys-on");
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

// ---- keys ----------------------------------------------------------------------------------------
function press(selector) {
  const found = document.querySelector(selector);
  if (!found) return false;
  if (found.form?.method === "post" && found.type === "submit" && source?.readyState === EventSource.OPEN) send(found);
  else if (found.matches("button, summary")) found.click();
  else found.focus();
  return true;
}

async function send(button) {
  // The page stays, because keys that are pressed while another one loads would be lost; the stream brings what changed.
  const form = button.form;
  if (!form.reportValidity()) return;
  const fields = new FormData(form);
  if (button.name) fields.append(button.name, button.value);
  let answer, page;
  sent = true;
  try {
    answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(fields), credentials: "same-origin" });
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    sent = false;
    status_.textContent = live.dataset.lost;
    return;
  }
  const { pathname, search } = new URL(answer.url);
  if (answer.ok) {
    if (pathname !== window.location.pathname || search) window.location.assign(answer.url);
    else told("");
  } else {
    sent = false;
    told((page.querySelector("main [role=alert]") || page.querySelector("main")).textContent.trim());
  }
}

function told(wrong) {
  for (const old of document.querySelectorAll("main > .wrong")) old.remove();
  if (!wrong) return;
  const said = document.createElement("p");
  said.className = "wrong";
  said.setAttribute("role", "alert");
  said.textContent = wrong;
  status_.before(said);
}

function keyed(event) {
  const typing = event.target.closest("input, textarea, select, dialog");
  if (typing || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  // Whoever speaks to the computer turns single keys off, this one too (WCAG 2.2, 2.1.4); the button stays.
  if (!keysOn.checked) return;
  let done = true;
  if (event.key === "?") help.showModal();
  else if (/^[0-9]$/.test(event.key)) done = answer(event.key);
  else if (event.key === "w") done = press("#words-read");
  else if (event.key === "n") done = press("#note-text");
  else if (event.key === "f") done = press("#find");
  else if (event.key === "c") done = press("#check");
  else if (event.key === "p") done = press("#propose-next") || press("#causes button[id^='propose-']");
  else if (event.key === "u") done = press("button[id^='undo-']");
  else if (event.key === "m") done = press("button[id^='measure-']");
  else if (event.key === "i") done = press("#causes details[id^='disagree-'] summary");
  else if (event.key === "y") done = press("#why-step summary");
  else if (event.key === "x") done = press("#outcome");
  else if (event.key === "d") done = press("button[id^='done-']");
  else if (event.key === "t") done = press("#take-next, #take-this");
  else if (event.key === "o") done = press("#complaint");
  else if (event.key === "g") window.location.assign("/desk");
  else return;
  if (done) event.preventDefault();
}

function answer(digit) {
  const first = document.querySelector("#questions button[id^='answer-']");
  return first ? press("#" + first.id.replace(/-\d+$/, "-" + digit)) : false;
}

keysOn.checked = window.localStorage.getItem("hotline_keys") !== "off";
keysOn.addEventListener("change", () => window.localStorage.setItem("hotline_keys", keysOn.checked ? "on" : "off"));
document.getElementById("keys-show").hidden = false;
document.getElementById("keys-show").addEventListener("click", () => help.showModal());
document.addEventListener("keydown", keyed);
document.addEventListener("pointerdown", () => { pressed = true; });
for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, release);
document.addEventListener("visibilitychange", () => (document.hidden ? disconnect() : connect()));
connect();
