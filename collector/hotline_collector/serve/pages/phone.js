// Shows the next question by itself and measures the phone's way to the collector; the rest works without.
"use strict";

const now = document.getElementById("now");
const path = document.getElementById("path");
const every = 3000;
const requests = 7;

// ---- the question ----------------------------------------------------------------------------------
async function look() {
  if (document.hidden) return;
  const query = new URLSearchParams(location.search);
  query.set("seen", now.dataset.version);
  try {
    const answer = await fetch("/phone/now?" + query, { cache: "no-store" });
    if (answer.status === 410) location.replace("/phone/call?" + new URLSearchParams(location.search));
    if (answer.status !== 200) return;
    // A parsed document runs nothing; the collector has escaped everything foreign in it.
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    now.dataset.version = answer.headers.get("x-version") || "";
    now.replaceChildren(...document.importNode(fresh.body, true).childNodes);
  } catch {
    // Without a connection the page stays as it is; the next look may succeed.
  }
}

if (now && !("again" in now.dataset)) {
  setInterval(look, every);
  document.addEventListener("visibilitychange", look);
}

// ---- the way to the collector -----------------------------------------------------------------------
function kind() {
  const type = navigator.connection && navigator.connection.type;
  if (!type || type === "unknown" || type === "none") return "";
  return { wifi: "wifi", cellular: "cellular", ethernet: "cable" }[type] || "other";
}

async function measure() {
  const times = [];
  let best = null;
  let family = "";
  // The first request opens the connection and is not counted.
  for (let number = 0; number <= requests; number += 1) {
    const began = performance.now();
    try {
      const answer = await fetch("/phone/ping", { cache: "no-store", signal: AbortSignal.timeout(5000) });
      const told = await answer.json();
      const took = performance.now() - began;
      if (!number || !answer.ok) continue;
      times.push(took);
      family = told.family;
      if (!best || took < best.took) best = { took, offset: Date.now() - (told.now_ms + took / 2) };
    } catch {
      // Not answered; that is what the loss counts.
    }
  }
  times.sort((one, other) => one - other);
  const median = times.length ? times[Math.floor(times.length / 2)] : 0;
  return { median, lost: requests - times.length, family, offset: best ? best.offset : 0 };
}

function number(value, digits) {
  return value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: digits });
}

function fill(found) {
  const set = (id, text) => { document.getElementById(id).textContent = text; };
  const send = (id, value) => { document.getElementById(id).value = value; };
  send("rtt", (found.median / 1000).toFixed(4));
  send("loss", (found.lost / requests).toFixed(4));
  send("offset", (found.offset / 1000).toFixed(3));
  send("network", kind());
  set("show-rtt", number(found.median, 0) + " ms");
  set("show-loss", `${found.lost} / ${requests}`);
  set("show-family", { ipv4: "IPv4", ipv6: "IPv6" }[found.family] || "–");
  const offset = document.getElementById("show-offset");
  const seconds = Math.abs(found.offset) / 1000;
  const side = seconds < 0.05 ? "" : found.offset < 0 ? offset.dataset.behind : offset.dataset.ahead;
  offset.textContent = `${number(seconds, 1)} s ${side}`;
  set("show-network", kind());
  document.getElementById("name-network").hidden = !kind();
}

if (path) {
  const check = document.getElementById("check");
  const runs = document.getElementById("runs");
  path.hidden = false;
  check.addEventListener("click", async () => {
    check.disabled = true;
    runs.textContent = runs.dataset.runs;
    const found = await measure();
    runs.textContent = "";
    check.disabled = false;
    fill(found);
    document.getElementById("found").hidden = false;
  });
}
