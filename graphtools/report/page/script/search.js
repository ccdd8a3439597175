/* The search for nodes and scopes by a part of their name, or for nodes by op:OP. What is found is
   the number of a node, or an item s:PATH. */
const MOST_FOUND = 60;

class Search {
  /* goTo: What is called with what was chosen. */
  constructor(root, scopes, goTo) {
    this.scopes = scopes;
    this.goTo = goTo;
    const id = `found${Search.number++}`;
    root.innerHTML = `<input type="search" placeholder="Find a node, a scope, or op:Conv2D" aria-label="Find a node or scope" role="combobox" aria-expanded="false" aria-controls="${id}" aria-autocomplete="list" autocomplete="off" spellcheck="false">` +
      `<div class="results" hidden><p class="quiet" role="status"></p><ul role="listbox" id="${id}" aria-label="Found"></ul></div>`;
    this.input = root.querySelector("input");
    this.results = root.querySelector(".results");
    this.list = root.querySelector("ul");
    this.said = root.querySelector("p");
    this.found = [];
    this.at = 0;
    this.input.addEventListener("input", () => this.look());
    this.input.addEventListener("keydown", (event) => { if (this.key(event.key)) event.preventDefault(); });
    this.input.addEventListener("focus", () => { if (this.input.value) this.show(); });
    this.input.addEventListener("blur", () => this.close());
    this.results.addEventListener("mousedown", (event) => {
      event.preventDefault(); /* the focus stays where it is */
      const line = event.target.closest("[data-n]");
      if (line) this.choose(this.found[+line.dataset.n]);
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
    const line = this.list.children[this.at];
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
    const { input, results, list, found, at } = this;
    list.innerHTML = found.map((hit, i) => `<li role="option" id="${list.id}-${i}" aria-selected="${i === at}" data-n="${i}">${this.lineOf(hit)}</li>`).join("");
    list.hidden = !found.length;
    this.said.textContent = this.told();
    results.hidden = !input.value.trim();
    input.setAttribute("aria-expanded", String(!results.hidden));
    if (found.length) input.setAttribute("aria-activedescendant", `${list.id}-${at}`);
    else input.removeAttribute("aria-activedescendant");
  }

  lineOf(hit) {
    const isNode = typeof hit === "number", name = isNode ? this.scopes.names[hit] : hit.slice(2);
    const what = isNode ? this.scopes.opOf(hit) : `scope, ${countText(this.scopes.byPath.get(name).all, "node")}`;
    return `${esc(shorten(name, 120))} <span class="quiet">${esc(what)}</span>`;
  }

  /* How much was found. */
  told() {
    const { all, allScopes, found } = this;
    if (!found.length) return "no node or scope has this in its name";
    const counts = [all && countText(all, "node"), allScopes && countText(allScopes, "scope")].filter(Boolean).join(" and ");
    return counts + (all + allScopes > found.length ? `, the first ${found.length} here: type more of the name` : "");
  }

  /* What is found: names that end with the text first, then the shorter ones; of as good ones, scopes first. */
  find(text) {
    const wanted = text.trim().toLowerCase(), op = wanted.startsWith("op:") ? wanted.slice(3).trim() : null, { scopes } = this;
    this.all = this.allScopes = 0;
    if (!wanted) return [];
    this.lower ??= scopes.names.map((name) => name.toLowerCase());
    this.inner ??= [...scopes.byPath.values()].filter((scope) => scope.all && scope.path);
    const ops = op === null ? null : new Set(scopes.data.ops.flatMap(([name], i) => (name.toLowerCase() === op ? [i] : [])));
    const keys = [], total = this.lower.length + this.inner.length;
    /* one number, as numbers are sorted fast: rank, then length, then place among all */
    const look = (name, place) => {
      const rank = name === wanted ? 0 : name.endsWith(wanted) ? 1 : 2;
      keys.push((rank * 1e5 + Math.min(name.length, 99999)) * total + place);
    };
    if (!ops) this.inner.forEach(({ path }, n) => { const name = path.toLowerCase(); if (name.includes(wanted)) look(name, n); });
    this.allScopes = keys.length;
    this.lower.forEach((name, n) => { if (ops ? ops.has(scopes.data.nodes[n][1]) : name.includes(wanted)) look(name, n + this.inner.length); });
    this.all = keys.length - this.allScopes;
    return [...Float64Array.from(keys).sort().subarray(0, MOST_FOUND)].map((key) => {
      const place = key % total;
      return place < this.inner.length ? `s:${this.inner[place].path}` : place - this.inner.length;
    });
  }
}
Search.number = 0;
