/* The search for nodes by a part of their name, or by op:OP. */
const MOST_FOUND = 60;

class Search {
  /* goTo: What is called with the node that was chosen. */
  constructor(root, scopes, goTo) {
    this.scopes = scopes;
    this.goTo = goTo;
    const id = `found${Search.number++}`;
    root.innerHTML = `<input type="search" placeholder="Find a node, or op:Conv2D" aria-label="Find a node" role="combobox" aria-expanded="false" aria-controls="${id}" aria-autocomplete="list" autocomplete="off" spellcheck="false">` +
      `<ul class="results" role="listbox" id="${id}" aria-label="Nodes found" hidden></ul>`;
    this.input = root.querySelector("input");
    this.results = root.querySelector("ul");
    this.found = [];
    this.at = 0;
    this.input.addEventListener("input", () => this.look());
    this.input.addEventListener("keydown", (event) => { if (this.key(event.key)) event.preventDefault(); });
    this.input.addEventListener("focus", () => { if (this.input.value) this.show(); });
    this.input.addEventListener("blur", () => this.close());
    this.results.addEventListener("mousedown", (event) => {
      event.preventDefault(); /* the focus stays where it is */
      const line = event.target.closest("[data-n]");
      if (line) this.choose(+line.dataset.n);
    });
  }

  /* Puts a text in and shows what is found. */
  begin(text) {
    this.input.value = text;
    this.input.focus();
    this.input.scrollIntoView({ block: "nearest" });
    this.look();
  }

  look() {
    this.found = this.find(this.input.value);
    this.at = 0;
    this.show();
  }

  /* Whether a key meant something. */
  key(key) {
    if (key === "ArrowDown") this.step(1);
    else if (key === "ArrowUp") this.step(-1);
    else if (key === "Enter") { if (this.found.length) this.choose(this.found[this.at]); }
    else if (key === "Escape" && !this.results.hidden) this.close();
    else return false;
    return true;
  }

  step(by) {
    this.at = Math.max(0, Math.min(this.at + by, this.found.length - 1));
    this.show();
    const line = this.results.children[this.at];
    if (line) line.scrollIntoView({ block: "nearest" });
  }

  choose(n) {
    this.close();
    this.goTo(n);
  }

  close() {
    this.results.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  show() {
    const { input, results, found, at } = this;
    const lines = found.map((n, i) => `<li role="option" id="${results.id}-${i}" aria-selected="${i === at}" data-n="${n}">${esc(shorten(this.scopes.names[n], 120))} <span class="quiet">${esc(this.scopes.opOf(n))}</span></li>`);
    if (this.all > found.length) lines.push(`<li class="quiet">and ${(this.all - found.length).toLocaleString("en")} more: type more of the name</li>`);
    results.innerHTML = lines.join("") || '<li class="quiet">no node has this in its name</li>';
    results.hidden = !input.value.trim();
    input.setAttribute("aria-expanded", String(!results.hidden));
    if (found.length) input.setAttribute("aria-activedescendant", `${results.id}-${at}`);
    else input.removeAttribute("aria-activedescendant");
  }

  /* The nodes that are found: names that end with the text first, then the shorter ones. */
  find(text) {
    const wanted = text.trim().toLowerCase(), op = wanted.startsWith("op:") ? wanted.slice(3).trim() : null, keys = [];
    this.all = 0;
    if (!wanted) return [];
    this.lower ??= this.scopes.names.map((name) => name.toLowerCase());
    const ops = op === null ? null : new Set(this.scopes.data.ops.flatMap(([name], i) => (name.toLowerCase() === op ? [i] : [])));
    this.lower.forEach((name, n) => {
      if (ops ? !ops.has(this.scopes.data.nodes[n][1]) : !name.includes(wanted)) return;
      const rank = name === wanted ? 0 : name.endsWith(wanted) ? 1 : 2;
      /* one number, as numbers are sorted fast: rank, then length, then place in the graph */
      keys.push((rank * 1e5 + Math.min(name.length, 99999)) * this.lower.length + n);
    });
    this.all = keys.length;
    return [...Float64Array.from(keys).sort().subarray(0, MOST_FOUND)].map((key) => key % this.lower.length);
  }
}
Search.number = 0;
