// Makes a part of a page like a fresh one. Only what differs is touched: focus, selection, what is typed and
// what is folded open stay as they are.
"use strict";

function alike(old, fresh) {
  return old.nodeName === fresh.nodeName && (old.id || "") === (fresh.id || "");
}

function place(from, fresh) {
  // What has a name is found wherever it went; of what has none only the next that is there.
  for (let old = from; old; old = old.nextSibling) {
    if (alike(old, fresh)) return old;
    if (!fresh.id && (old.id || fresh.nodeType !== Node.ELEMENT_NODE)) return null;
  }
  return null;
}

function morph(old, fresh) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  const theirs = old.nodeName === "DETAILS" ? "open" : "";
  for (const { name } of [...old.attributes]) if (name !== theirs && !fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (name !== theirs && old.getAttribute(name) !== value) old.setAttribute(name, value);
  if (old.nodeName !== "TEXTAREA") morphChildren(old, fresh);
}

function morphChildren(old, fresh) {
  let next = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    const found = place(next, child);
    if (!found) old.insertBefore(document.importNode(child, true), next);
    else {
      while (next !== found) next = drop(next);
      morph(found, child);
      next = found.nextSibling;
    }
  }
  while (next) next = drop(next);
}

function drop(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}
