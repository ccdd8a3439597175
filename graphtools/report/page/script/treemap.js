/* Nested rectangles, each as large as its share (squarified: Bruls, Huizing and van Wijk, 2000). */
const TREEMAP_FILLS = ["#a5d8ff", "#b7e4c7", "#ffec99", "#eebefa", "#ffd6a5", "#c5f6fa", "#d0bfff", "#ffc9c9"];
const MOST_CELLS = 300, DEEPEST_CELLS = 3, CELL_HEAD = 18;

class Treemap {
  /* data: { names, measures: [text], rows: [[number of the name, value, ...]] }. */
  constructor(root, data, explorer) {
    this.root = root;
    this.data = data;
    this.explorer = explorer;
    this.path = [];
    this.tree = this.treeOf(data);
    this.what = Math.max(0, this.tree.values.findIndex((value) => value > 0));
    const options = data.measures.map((text, i) => `<option value="${i}"${i === this.what ? " selected" : ""}>${esc(text)}</option>`);
    root.innerHTML = `<div class="controls"><label>Area <select>${options.join("")}</select></label><span class="crumbs"></span></div><div class="treemap"></div>`;
    this.area = root.querySelector(".treemap");
    root.querySelector("select").addEventListener("change", (event) => { this.what = +event.target.value; this.draw(); });
    root.querySelector(".crumbs").addEventListener("click", (event) => {
      if (event.target.dataset.depth !== undefined) this.goTo(this.path.slice(0, +event.target.dataset.depth));
    });
    this.area.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) this.choose(this.cells[+button.dataset.n]);
    });
    addEventListener("resize", () => this.draw());
    this.draw();
  }

  treeOf({ names, measures, rows }) {
    const branch = (label, path) => ({ label, path, inner: new Map(), values: measures.map(() => 0), node: -1 });
    const tree = branch("", []);
    for (const [node, ...values] of rows) {
      const add = (place) => values.forEach((value, i) => { place.values[i] += value; });
      let place = tree;
      add(place);
      for (const part of ownName(names[node]).split("/")) {
        if (!place.inner.has(part)) place.inner.set(part, branch(part, [...place.path, part]));
        place = place.inner.get(part);
        add(place);
      }
      place.node = node;
      place.own = values;
    }
    this.tellOwn(tree);
    return tree;
  }

  /* What has a share and is a scope, too (as a variable with the slots of its optimizer), is one of its parts. */
  tellOwn(tree) {
    for (const stack = [tree]; stack.length; ) {
      const place = stack.pop();
      stack.push(...place.inner.values());
      if (place.own && place.inner.size)
        place.inner.set("", { label: "itself", path: [...place.path, ""], inner: new Map(), values: place.own, node: place.node });
    }
  }

  here() { return this.path.reduce((place, part) => place.inner.get(part), this.tree); }
  text(value) { return this.data.measures[this.what].includes("bytes") ? bytesText(value) : Math.round(value).toLocaleString("en"); }

  goTo(path) {
    this.path = path;
    this.draw();
  }

  choose({ place }) {
    if (place.inner.size) this.goTo(place.path);
    else if (place.node >= 0 && this.explorer) this.explorer.goTo(place.node);
  }

  /* Of a place, what has a share of it, the largest first. */
  sharesOf(place) {
    return [...place.inner.values()].map((inner) => ({ place: inner, value: inner.values[this.what] }))
      .filter((cell) => cell.value > 0).sort((a, b) => b.value - a.value);
  }

  /* Of a scope that holds only one, which says nothing, the one inside. */
  telling(place) {
    for (let shares; (shares = this.sharesOf(place)).length === 1 && shares[0].place.inner.size; ) ({ place } = shares[0]);
    return place;
  }

  draw() {
    const here = this.telling(this.here()), total = here.values[this.what];
    this.path = here.path;
    this.cells = [];
    this.lay(here, [0, 0, this.area.clientWidth, this.area.clientHeight], 1, -1);
    this.area.innerHTML = this.cells.map((cell, n) => this.cellHtml(cell, n, total)).join("") || '<p class="quiet">nothing here has any</p>';
    const crumbs = ["all", ...this.path].map((part, depth) => `<button type="button" data-depth="${depth}">${esc(shorten(part))}</button>`);
    this.root.querySelector(".crumbs").innerHTML = `${crumbs.join(" / ")} <span class="quiet">${this.text(total)} ${esc(this.data.measures[this.what])}</span>`;
  }

  /* Adds the cells of a place, and in them those of what is inside as far as there is room. */
  lay(place, [left, top, width, height], depth, fill) {
    const shares = this.sharesOf(place).slice(0, MOST_CELLS);
    squarify(shares, left, top, width, height, shares.reduce((sum, cell) => sum + cell.value, 0));
    shares.forEach((cell, n) => {
      if (this.cells.length >= MOST_CELLS) return;
      cell.fill = fill < 0 ? n % TREEMAP_FILLS.length : fill;
      cell.within = place.path.length;
      cell.depth = depth;
      this.cells.push(cell);
      cell.place = this.telling(cell.place);
      const room = [cell.x + 3, cell.y + CELL_HEAD, cell.w - 6, cell.h - CELL_HEAD - 3];
      if (cell.place.inner.size && depth < DEEPEST_CELLS && room[2] > 90 && room[3] > 50) this.lay(cell.place, room, depth + 1, cell.fill);
    });
  }

  cellHtml({ place, within, depth, value, x, y, w, h, fill }, n, total) {
    const share = `${((100 * value) / (total || 1)).toFixed(1)} %`;
    const label = (place.label === "itself" ? "itself" : place.path.slice(within).join("/")) + (place.inner.size ? " +" : "");
    const name = w > 44 && h > 16 ? `<span>${esc(shorten(label, 60))} <small>${share}</small></span>` : "";
    const figure = name && h > 34 ? `<span>${this.text(value)}</span>` : "";
    const aside = depth > 1 ? ' tabindex="-1"' : ""; /* by keys, the scope around is opened first */
    return `<button type="button"${aside} data-n="${n}" title="${esc(`${shorten(place.path.join("/"), 200)}: ${this.text(value)}, ${share}`)}" style="left:${x.toFixed(1)}px;top:${y.toFixed(1)}px;width:${w.toFixed(1)}px;height:${h.toFixed(1)}px;background:${TREEMAP_FILLS[fill]}">${name}${figure}</button>`;
  }
}

/* Gives each cell its place: x, y, w and h. */
function squarify(cells, x, y, width, height, total) {
  let start = 0;
  while (start < cells.length && width > 0 && height > 0) {
    const side = Math.min(width, height), area = (width * height) / (total || 1);
    const worst = (end) => {
      let sum = 0;
      for (let i = start; i < end; i++) sum += cells[i].value * area;
      const depth = sum / side;
      return Math.max(...cells.slice(start, end).map((c) => { const length = (c.value * area) / depth; return Math.max(length / depth, depth / length); }));
    };
    let end = start + 1;
    while (end < cells.length && worst(end + 1) <= worst(end)) end++;
    let sum = 0;
    for (let i = start; i < end; i++) sum += cells[i].value;
    const depth = (sum * area) / side;
    let along = 0;
    for (let i = start; i < end; i++) {
      const length = (cells[i].value * area) / depth;
      Object.assign(cells[i], width >= height ? { x, y: y + along, w: depth, h: length } : { x: x + along, y, w: length, h: depth });
      along += length;
    }
    if (width >= height) { x += depth; width -= depth; } else { y += depth; height -= depth; }
    total -= sum;
    start = end;
  }
  for (const cell of cells.slice(start)) Object.assign(cell, { x, y, w: 0, h: 0 });
}
