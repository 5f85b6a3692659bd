// Draws the figures that pages hold as data: tokens become colours, times the viewer's own.
"use strict";

const probe = document.createElement("span");
document.body.append(probe);

function token(value) {
  if (typeof value !== "string" || !value.startsWith("var(--")) return value;
  probe.style.color = value;
  return getComputedStyle(probe).color;
}

// Plotly knows no zones: a time is handed over as the viewer's clock shows it.
function wallClock(ms) {
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60000).toISOString().slice(0, -1);
}

function draw(element) {
  const figure = JSON.parse(element.dataset.figure, (_, value) => token(value));
  if (figure.layout.xaxis.type === "date") {
    figure.layout.xaxis.range = figure.layout.xaxis.range.map(wallClock);
    for (const trace of figure.data) trace.x = trace.x.map(wallClock);
    for (const shape of figure.layout.shapes ?? []) [shape.x0, shape.x1] = [shape.x0, shape.x1].map(wallClock);
    for (const flag of figure.layout.annotations ?? []) flag.x = wallClock(flag.x);
  }
  if (element.clientWidth < 500) figure.layout.xaxis.nticks = 4; // more would be written askew
  figure.layout.font.family = getComputedStyle(document.body).fontFamily;
  element.replaceChildren();
  Plotly.newPlot(element, figure.data, figure.layout, { displayModeBar: false, responsive: true }).then(() => {
    element.on("plotly_click", (event) => {
      if (event.points[0].customdata) location.assign(withRange(event.points[0].customdata));
    });
    element.on("plotly_relayout", zoom);
    element.on("plotly_hover", ({ xaxes, xvals }) => {
      neighbours(element, (other) => Plotly.Fx.hover(other, { xval: xaxes[0].d2c(xvals[0]) }));
    });
    element.on("plotly_unhover", () => neighbours(element, Plotly.Fx.unhover));
  });
}

// Charts over the same time, side by side, share their cursor.
function neighbours(element, act) {
  if (element.layout.xaxis.type !== "date") return;
  for (const other of element.closest("[data-cursor]")?.querySelectorAll("figure.js-plotly-plot") ?? []) {
    if (other !== element && other.layout.xaxis.type === "date") act(other);
  }
}

// What a point opens keeps the page's range.
function withRange(path) {
  const url = new URL(path, location.href);
  const here = new URLSearchParams(location.search);
  for (const name of ["since", "until"]) if (here.has(name)) url.searchParams.set(name, here.get(name));
  return url;
}

// Dragging over a chart sets the page's range, so the list below and a copied link follow; over a
// scatter whose durations are free (a logarithmic axis, in seconds) it sets their bounds too.
function zoom(change) {
  const [since, until] = [change["xaxis.range[0]"], change["xaxis.range[1]"]];
  const [least, most] = [change["yaxis.range[0]"], change["yaxis.range[1]"]];
  if (!since && least === undefined) return;
  const url = new URL(location.href);
  if (since) {
    url.searchParams.set("since", new Date(since.replace(" ", "T")).toISOString());
    url.searchParams.set("until", new Date(until.replace(" ", "T")).toISOString());
    url.searchParams.delete("live");
  }
  if (least !== undefined) {
    url.searchParams.set("min_duration_ms", (1000 * 10 ** least).toFixed(3));
    url.searchParams.set("max_duration_ms", (1000 * 10 ** most).toFixed(3));
  }
  url.searchParams.delete("cursor");
  location.assign(url);
}

function drawAll(root) {
  if (root.matches?.("figure[data-figure]")) draw(root);
  root.querySelectorAll("figure[data-figure]").forEach(draw);
}

htmx.onLoad((root) => (root === document.body ? undefined : drawAll(root)));
drawAll(document);
document.addEventListener("htmx:beforeCleanupElement", (event) => {
  if (event.target.matches?.("figure[data-figure]")) Plotly.purge(event.target);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawAll(document));
