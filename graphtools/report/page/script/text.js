/* Texts: escaped, shortened, measured. */
function esc(text) {
  return String(text).replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c]);
}

function shorten(text, longest = 40) {
  const half = (longest - 1) >> 1;
  return text.length > longest ? `${text.slice(0, half)}…${text.slice(-half)}` : text;
}

/* The width at a font size of 10, as report/drawing/svg.py takes it. */
function textWidth(text) {
  let wide = 0;
  for (const c of text) if (c.charCodeAt(0) > 0x2e80) wide++;
  return (text.length * 0.58 + wide * 0.42) * 10;
}

function countText(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

function bytesText(bytes) {
  for (const unit of ["B", "kB", "MB", "GB"]) {
    if (bytes < 999.5 || unit === "GB") return `${bytes.toFixed(unit === "B" || bytes >= 99.5 ? 0 : 1)} ${unit}`;
    bytes /= 1000;
  }
  return "";
}

/* A list as HTML: the first ones, and how many more there are. */
function listHtml(things, lineOf, most = 200) {
  const lines = things.slice(0, most).map((thing) => `<li>${lineOf(thing)}</li>`);
  if (things.length > most) lines.push(`<li class="quiet">and ${(things.length - most).toLocaleString("en")} more</li>`);
  return `<ul>${lines.join("")}</ul>`;
}

function factsHtml(pairs) {
  return `<dl>${pairs.map(([key, value]) => `<dt>${esc(key)}</dt><dd>${esc(value)}</dd>`).join("")}</dl>`;
}
