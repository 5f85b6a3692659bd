// What the pages add to plain HTML: local times, keys, copying, and the clock live pages follow.
"use strict";

const pad = (number, digits = 2) => String(number).padStart(digits, "0");

// Server text is UTC. "near" drops the date within a day, "age" counts back; hover keeps UTC.
function localise(time) {
  const at = new Date(time.dateTime);
  if (isNaN(at)) return;
  const day = `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
  const clock = `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
  const fine = `${clock}.${pad(at.getMilliseconds(), 3)}`;
  const seconds = (Date.now() - at) / 1000;
  if (time.dataset.show === "age" && seconds < 86400) time.textContent = age(seconds);
  else if (time.dataset.show === "clock") time.textContent = fine;
  else if (time.dataset.show === "minute") time.textContent = (seconds < 43200 ? "" : `${day} `) + clock.slice(0, 5);
  else if (time.dataset.show === "near" && at.toDateString() === new Date().toDateString()) time.textContent = fine;
  else if (time.dataset.show === "near") time.textContent = `${day} ${clock}`;
  else time.textContent = `${day} ${fine}`;
}

function age(seconds) {
  if (seconds < 5) return "just now";
  if (seconds < 60) return `${Math.round(seconds)} s ago`;
  return seconds < 3600 ? `${Math.round(seconds / 60)} min ago` : `${Math.round(seconds / 3600)} h ago`;
}

const localiseAll = (root) => root.querySelectorAll("time[data-show]").forEach(localise);

// One clock for the page: whatever polls listens for "tick". Nothing polls unseen, and no list
// moves away under someone who has opened one of its records.
setInterval(() => {
  if (!document.hidden && !document.querySelector("#results details[open]")) document.dispatchEvent(new Event("tick"));
  document.querySelectorAll("time[data-show=age]").forEach(localise);
}, 4000);

document.addEventListener("click", async (event) => {
  for (const open of document.querySelectorAll("details[data-close][open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    await navigator.clipboard.writeText(copy.dataset.copy || location.href);
    copy.classList.add("done");
    setTimeout(() => copy.classList.remove("done"), 1200);
  }
});

// Keys: what an element does is written on it (data-key); j and k walk what the page lists.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, select, textarea")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (event.key === "j" || event.key === "k") return walk(event.key === "j" ? 1 : -1);
  if (event.key === "Enter" && event.target === document.body) {
    return document.querySelector(".wf-row[aria-current] a.wf-fold")?.click();
  }
  const open = document.querySelector("details[data-close][open]");
  if (event.key === "Escape" && open) return (open.open = false);
  if (event.key === "Escape" && document.querySelector(":popover-open")) return;
  const element = [...document.querySelectorAll("[data-key]")].find((e) => e.dataset.key === event.key);
  if (!element) return;
  event.preventDefault();
  if (element.matches("input")) element.select();
  else element.click();
});

// Spans are selected, rows of a list are focused: Enter then does what a click would.
function walk(step) {
  const rows = [...document.querySelectorAll(".wf-row:not(.phantom)")];
  const links = rows.length ? [] : [...document.querySelectorAll("#results .main-link, .log > summary")];
  const here = rows.length ? rows.findIndex((row) => row.ariaCurrent) : links.indexOf(document.activeElement);
  const next = (list) => list[Math.min(list.length - 1, Math.max(0, here + step))];
  next(links)?.focus();
  next(rows)?.scrollIntoView({ block: "nearest" });
  next(rows)?.querySelector(".t").click();
}

// A link or form sets one part of a trace's state (data-sets). What was changed since it was drawn,
// by another part of the page, is taken from the address.
document.addEventListener("htmx:configRequest", (event) => {
  const name = event.target.closest("[data-sets]")?.dataset.sets;
  if (!name) return;
  const fields = event.detail.formData;
  const value = fields.get(name) ?? new URL(event.detail.path, location.href).searchParams.get(name);
  [...fields.keys()].forEach((key) => fields.delete(key));
  const url = new URL(location.href);
  if (value) url.searchParams.set(name, value);
  else url.searchParams.delete(name);
  event.detail.path = url.pathname + url.search;
});

// The selected row and the width left for the waterfall follow the details beside it.
function followSelection() {
  const split = document.querySelector("[data-split]");
  if (!split) return;
  const name = split.dataset.split || "span";
  const selected = new URLSearchParams(location.search).get(name);
  split.classList.toggle("open", Boolean(split.querySelector("#detail .panel")));
  for (const row of split.querySelectorAll(".wf-row")) {
    const link = row.querySelector(".t[href]");
    const chosen = link && selected && new URL(link.href).searchParams.get(name) === selected;
    if (chosen) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

// Links inside drawings open what they name beside them, as those of HTML do.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-split] svg a[href]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  htmx.ajax("GET", link.getAttribute("href"), { source: link, target: "#detail" });
});

// A slider says its value beside it; a filter hides what does not hold its text.
document.addEventListener("input", ({ target }) => {
  if (target.matches("[data-shows]")) target.nextElementSibling.value = target.value;
  if (!target.dataset.narrows) return;
  for (const item of target.parentElement.querySelectorAll(target.dataset.narrows)) {
    item.hidden = !item.textContent.toLowerCase().includes(target.value.toLowerCase());
  }
});

// Below the picture, where the screen is narrow, what was opened is scrolled to.
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id === "detail" && innerWidth < 1200) detail.target.scrollIntoView();
});
document.addEventListener("htmx:afterSettle", followSelection);
document.addEventListener("htmx:pushedIntoHistory", followSelection);
document.addEventListener("htmx:beforeRequest", () => document.getElementById("flash")?.replaceChildren());
document.addEventListener("htmx:sendError", () => {
  document.getElementById("flash").textContent = "The collector does not answer. It may be restarting; try again.";
});
htmx.onLoad(localiseAll);
localiseAll(document);
