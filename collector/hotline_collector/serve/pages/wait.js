// Keeps a waiting caller's page up to date; without this file the page reloads itself.
"use strict";

const now = document.getElementById("now");
const said = document.getElementById("said");
const EVERY_MS = 10000;

function news() {
  return Array.from(now.querySelectorAll("#place, .ask h2, .help h2"), (line) => line.textContent.trim()).join(" ");
}

function question() {
  return now.querySelector(".ask [name=question]")?.value;
}

function show(html) {
  // A parsed document runs nothing; the collector has escaped everything in it.
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const before = news();
  const typed = document.getElementById("answer")?.value || "";
  const asked = question();
  const focused = now.contains(document.activeElement) ? document.activeElement.id : "";
  now.replaceChildren(...document.importNode(fresh.body, true).childNodes);
  if (typed && question() === asked) document.getElementById("answer").value = typed;
  if (focused && document.getElementById(focused)) document.getElementById(focused).focus();
  if (news() !== before) said.textContent = news();
}

async function look() {
  try {
    const answer = await fetch(now.dataset.from, { cache: "no-store" });
    if (answer.ok) show(await answer.text());
    else if (answer.status === 404) window.location.reload();
  } catch {
    // The line may come back until the next time.
  }
  setTimeout(look, EVERY_MS);
}

setTimeout(look, EVERY_MS);
