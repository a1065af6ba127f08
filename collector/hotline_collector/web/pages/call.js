// Makes links easy to copy and facts easy to find on a call's page; without this file the forms do the same.
"use strict";

// ---- copying -------------------------------------------------------------------------------------
if (navigator.clipboard) document.documentElement.dataset.copy = "yes";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
  document.getElementById("status").textContent = button.textContent = button.dataset.done;
});

// ---- facts ---------------------------------------------------------------------------------------
const facts = document.getElementById("facts");
const find = document.getElementById("find");
const FRESH_MS = 10000;
let loaded = 0;

async function load() {
  if (Date.now() - loaded < FRESH_MS) return;
  loaded = Date.now();
  const answer = await fetch(find.form.action.split("#")[0] + "?find=", { credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return;
  // A parsed document runs nothing; the collector has escaped everything foreign in it.
  const list = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("facts-list");
  document.getElementById("facts-list")?.remove();
  if (list) facts.append(document.importNode(list, true));
}

function filter() {
  const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = facts.querySelectorAll("tbody tr");
  let shown = 0;
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
    if (!row.hidden) shown += 1;
  }
  const count = document.getElementById("facts-count");
  if (count) count.textContent = shown;
}

find.addEventListener("input", async () => {
  await load();
  filter();
});
