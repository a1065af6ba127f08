// Gives a call's page keys, which send its forms without leaving it; without this file buttons and links do all of it.
"use strict";

const help = document.getElementById("keys");
const keysOn = document.getElementById("keys-on");

// ---- what a key does -----------------------------------------------------------------------------
function press(selector) {
  const found = document.querySelector(selector);
  if (!found) return false;
  if (found.form?.method === "post" && found.type === "submit" && source?.readyState === EventSource.OPEN) send(found);
  else if (found.matches("button, summary")) found.click();
  else found.focus();
  return true;
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

// ---- sending a form ------------------------------------------------------------------------------
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

keysOn.checked = window.localStorage.getItem("hotline_keys") !== "off";
keysOn.addEventListener("change", () => window.localStorage.setItem("hotline_keys", keysOn.checked ? "on" : "off"));
document.getElementById("keys-show").hidden = false;
document.getElementById("keys-show").addEventListener("click", () => help.showModal());
document.addEventListener("keydown", keyed);
