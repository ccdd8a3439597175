/* Nested rectangles, each as large as its share (squarified: Bruls, Huizing and van Wijk, 2000). */
class Treemap {
  constructor(root, data, explorer) {
    this.root = root;
    this.explorer = explorer;
    this.what = 0;
    this.path = [];
    this.tree = { label: "", inner: new Map(), values: data.measures.map(() => 0), node: -1 };
    this.data = data;
    for (const [node, ...values] of data.rows) {
      let place = this.tree;
      const parts = data.names[node].split("/");
      values.forEach((value, i) => { place.values[i] += value; });
      parts.forEach((part, depth) => {
        if (!place.inner.has(part)) place.inner.set(part, { label: part, inner: new Map(), values: values.map(() => 0), node: -1 });
        place = place.inner.get(part);
        values.forEach((value, i) => { place.values[i] += value; });
        if (depth === parts.length - 1) place.node = node;
      });
    }
    const first = this.tree.values.findIndex((value) => value > 0);
    this.what = Math.max(first, 0);
    root.innerHTML = `<div class="controls"><label>Area <select>${data.measures.map((text, i) => `<option value="${i}"${i === this.what ? " selected" : ""}>${esc(text)}</option>`).join("")}</select></label><span class="crumbs"></span></div><div class="treemap"></div>`;
    root.querySelector("select").addEventListener("change", (event) => { this.what = +event.target.value; this.draw(); });
    root.querySelector(".crumbs").addEventListener("click", (event) => {
      if (event.target.dataset.depth !== undefined) { this.path = this.path.slice(0, +event.target.dataset.depth); this.draw(); }
    });
    this.area = root.querySelector(".treemap");
    this.area.addEventListener("click", (event) => {
      const cell = event.target.closest("button");
      if (!cell) return;
      const child = [...this.here().inner.values()][+cell.dataset.n];
      if (child.inner.size) { this.path.push(child.label); this.draw(); }
      else if (child.node >= 0 && this.explorer) this.explorer.goTo(child.node);
    });
    addEventListener("resize", () => this.draw());
    this.draw();
  }

  here() { return this.path.reduce((place, part) => place.inner.get(part), this.tree); }

  draw() {
    /* a scope that holds one only says nothing: go on to the one inside */
    for (;;) {
      const inner = [...this.here().inner.values()].filter((child) => child.values[this.what] > 0);
      if (inner.length !== 1 || !inner[0].inner.size) break;
      this.path.push(inner[0].label);
    }
    const here = this.here(), width = this.area.clientWidth, height = this.area.clientHeight;
    const cells = [...here.inner.values()].map((child, n) => ({ child, n, value: child.values[this.what] }))
      .filter((cell) => cell.value > 0).sort((a, b) => b.value - a.value).slice(0, 300);
    const total = cells.reduce((sum, cell) => sum + cell.value, 0);
    squarify(cells, 0, 0, width, height, total);
    const colours = ["#a5d8ff", "#b7e4c7", "#ffec99", "#eebefa", "#ffd6a5", "#c5f6fa", "#d0bfff", "#ffc9c9"];
    const text = (value) => (this.data.measures[this.what].includes("bytes") ? bytesText(value) : Math.round(value).toLocaleString("en"));
    this.area.innerHTML = cells.map((cell, i) => {
      const share = ((100 * cell.value) / (total || 1)).toFixed(1);
      const label = `${cell.child.label}${cell.child.inner.size ? " +" : ""}`;
      return `<button type="button" data-n="${cell.n}" title="${esc(`${shorten(cell.child.label, 200)}: ${text(cell.value)}, ${share} %`)}" style="left:${cell.x}px;top:${cell.y}px;width:${cell.w}px;height:${cell.h}px;background:${colours[i % colours.length]}">${cell.w > 40 && cell.h > 16 ? `<span>${esc(shorten(label, 60))}</span>` : ""}${cell.w > 40 && cell.h > 34 ? `<span>${text(cell.value)}, ${share} %</span>` : ""}</button>`;
    }).join("") || '<p class="quiet">nothing here has any</p>';
    const crumbs = [`<button type="button" data-depth="0">all</button>`];
    this.path.forEach((part, i) => crumbs.push(`<button type="button" data-depth="${i + 1}">${esc(shorten(part))}</button>`));
    this.root.querySelector(".crumbs").innerHTML = `${crumbs.join(" / ")} <span class="quiet">${text(here.values[this.what])} ${esc(this.data.measures[this.what])}</span>`;
  }
}

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
