/* The graph: scopes that open and close, search, and what is known of a node.
   Data: { nodes: [[name, op, [source, port, ...], [shape, ...], attributes, constant, hangsOn]],
   ops: [[op, family]], fills: {family: colour}, marks: {node: [severity, text, ...]}, costs: {node: [..]} }.
   A source is the number of a node, or a name that is not in the graph; port -1 is a control input. */
const MOST_SIDE_BY_SIDE = 120;

class Explorer {
  constructor(root, data) {
    this.root = root;
    this.data = data;
    this.names = data.nodes.map((node) => node[0]);
    this.byName = new Map(this.names.map((name, n) => [name, n]));
    this.readers = data.nodes.map(() => []);
    data.nodes.forEach((node, n) => {
      for (let i = 0; i < node[2].length; i += 2)
        if (typeof node[2][i] === "number") this.readers[node[2][i]].push(n);
    });
    this.buildScopes();
    this.open = new Set([""]);
    this.shownGroups = new Set();
    this.colour = "op";
    this.fills = new Map();
    this.selected = "";
    this.view = { x: 20, y: 20, scale: 1 };
    this.buildPage();
    this.openFirst();
    this.draw();
    this.fit();
  }

  buildScopes() {
    this.scopes = new Map([["", { path: "", label: "", inner: [], leaves: [], all: 0, chain: [] }]]);
    this.home = [];
    this.data.nodes.forEach((node, n) => {
      const parts = node[0].split("/");
      const depth = Math.min(parts.length - 1, 30);
      let scope = this.scopes.get("");
      if (node[6] < 0) scope.all++;
      for (let i = 1; i <= depth; i++) {
        const path = parts.slice(0, i).join("/");
        let inner = this.scopes.get(path);
        if (!inner) {
          inner = { path, label: parts[i - 1], inner: [], leaves: [], all: 0, chain: [...scope.chain, path] };
          this.scopes.set(path, inner);
          scope.inner.push(inner);
        }
        scope = inner;
        if (node[6] < 0) scope.all++;
      }
      this.home[n] = scope;
      if (node[6] < 0) scope.leaves.push(n);
    });
    /* a scope of one node is that node */
    const inwards = [...this.scopes.values()].sort((a, b) => b.chain.length - a.chain.length);
    for (const scope of inwards) {
      if (scope.all !== 1 || !scope.path) continue;
      const [only] = scope.leaves, outer = this.outerOf(scope);
      scope.all = 0;
      scope.leaves = [];
      outer.leaves.push(only);
      this.home[only] = outer;
    }
    /* by scope, what is one box because there is much of it: leaves of the same op, scopes inside */
    for (const scope of this.scopes.values()) {
      scope.groups = new Map();
      scope.crowd = scope.inner.filter((inner) => inner.all);
      scope.crowded = scope.crowd.length > MOST_SIDE_BY_SIDE;
      if (scope.leaves.length <= MOST_SIDE_BY_SIDE) continue;
      const ops = new Map();
      for (const n of scope.leaves) {
        const op = this.opOf(n);
        if (!ops.has(op)) ops.set(op, []);
        ops.get(op).push(n);
      }
      for (const [op, list] of ops) if (list.length > 8) scope.groups.set(op, list);
    }
  }

  outerOf(scope) { return this.scopes.get(scope.chain[scope.chain.length - 2] || ""); }
  opOf(n) { return this.data.ops[this.data.nodes[n][1]][0]; }
  familyOf(n) { return this.data.ops[this.data.nodes[n][1]][1]; }

  /* Opens the smallest scopes first, as long as the picture stays small. */
  openFirst() {
    const count = (scope) =>
      (scope.crowded ? 1 : scope.crowd.length) + (scope.groups.size ? scope.groups.size : scope.leaves.length);
    let boxes = count(this.scopes.get(""));
    for (;;) {
      const closed = [...this.scopes.values()].filter(
        (s) => s.all && !this.open.has(s.path) && !this.outerOf(s).crowded && s.chain.slice(0, -1).every((path) => this.open.has(path)));
      closed.sort((a, b) => count(a) - count(b) || a.chain.length - b.chain.length);
      const next = closed.find((s) => count(s) === 1) || (boxes < 12 ? closed[0] : null);
      if (!next || boxes + count(next) - 1 > 45) return;
      this.open.add(next.path);
      boxes += count(next) - 1;
    }
  }

  /* The item that stands for a node: of the outermost closed scope, of a group, or its own. */
  itemOf(n) {
    const scope = this.home[n];
    for (const path of scope.chain) {
      if (this.open.has(path)) continue;
      const outer = this.outerOf(this.scopes.get(path));
      return outer.crowded ? `g:${outer.path}|` : `s:${path}`;
    }
    const op = this.opOf(n);
    if (scope.groups.has(op) && !this.shownGroups.has(`${scope.path}|${op}`)) return `g:${scope.path}|${op}`;
    return `n:${n}`;
  }

  linesOf(item) {
    const nodes = this.data.nodes;
    if (item[0] === "n") {
      const n = +item.slice(2), home = this.home[n].path, op = this.opOf(n);
      const label = shorten(home ? nodes[n][0].slice(home.length + 1) : nodes[n][0]);
      return [label, ...(op === label ? [] : [shorten(op)]), ...this.weightLines(n)];
    }
    if (item[0] === "g") {
      const [path, op] = splitGroup(item);
      const { groups, crowd } = this.scopes.get(path);
      return [`${(op ? groups.get(op) : crowd).length.toLocaleString("en")} ${shorten(op || "scopes")}`, "click to list them"];
    }
    const scope = this.scopes.get(item.slice(2));
    return [shorten(scope.label) + " +", `${scope.all.toLocaleString("en")} ${scope.all === 1 ? "node" : "nodes"}`];
  }

  weightLines(n) {
    const seen = new Set(), lines = [];
    const inputs = this.data.nodes[n][2];
    for (let i = 0; i < inputs.length; i += 2) {
      if (typeof inputs[i] !== "number" || inputs[i + 1] < 0) continue;
      const constant = this.data.nodes[inputs[i]][6];
      if (constant < 0 || seen.has(constant)) continue;
      seen.add(constant);
      lines.push(shorten(this.data.nodes[constant][5].short));
    }
    return lines.length > 4 ? [...lines.slice(0, 3), `and ${lines.length - 3} more`] : lines;
  }

  fillOf(item) {
    if (this.colour === "op" && this.fills.has(item)) return this.fills.get(item);
    const members = this.membersOf(item);
    if (this.colour === "lint") {
      const marks = this.data.marks;
      const found = members.map((n) => marks[n] && marks[n][0]).filter(Boolean);
      for (const severity of ["error", "warning", "info"]) if (found.includes(severity)) return this.data.severities[severity];
      return "#ffffff";
    }
    if (this.colour === "size") {
      const bytes = members.reduce((sum, n) => sum + ((this.data.costs[n] || [0, 0])[1]), 0);
      const share = this.mostBytes ? bytes / this.mostBytes : 0;
      return bytes ? this.data.sizes[1 + Math.min(3, Math.floor(share * 4))] : this.data.sizes[0];
    }
    if (!this.fills.has(item)) this.fills.set(item, this.familyFill(members));
    return this.fills.get(item);
  }

  familyFill(members) {
    const families = new Map();
    for (const n of members) families.set(this.familyOf(n), (families.get(this.familyOf(n)) || 0) + 1);
    for (const family of this.data.telling) if (families.has(family)) return this.data.fills[family];
    const [most] = [...families].sort((a, b) => b[1] - a[1])[0] || ["other"];
    return this.data.fills[most];
  }

  membersOf(item) {
    if (item[0] === "n") return [+item.slice(2)];
    const [path, op] = item[0] === "g" ? splitGroup(item) : [item.slice(2), ""];
    if (op) return this.scopes.get(path).groups.get(op);
    const found = [], stack = item[0] === "g" ? [...this.scopes.get(path).crowd] : [this.scopes.get(path)];
    while (stack.length) { const scope = stack.pop(); found.push(...scope.leaves); stack.push(...scope.inner); }
    return found;
  }

  /* Lays out what is open, scope by scope, innermost first. */
  arrange() {
    const items = this.data.nodes.map((node, n) => (node[6] < 0 ? this.itemOf(n) : ""));
    const chainOf = (item) => {
      if (item[0] === "n") return this.home[+item.slice(2)].chain;
      if (item[0] === "g") return this.scopes.get(splitGroup(item)[0]).chain;
      return this.scopes.get(item.slice(2)).chain.slice(0, -1);
    };
    const edges = new Map();
    this.data.nodes.forEach((node, n) => {
      if (!items[n]) return;
      for (let i = 0; i < node[2].length; i += 2) {
        const source = node[2][i];
        if (typeof source !== "number" || !items[source] || items[source] === items[n]) continue;
        const control = node[2][i + 1] < 0;
        const key = `${items[source]}>${items[n]}>${control}`;
        let edge = edges.get(key);
        if (!edge) edges.set(key, (edge = { source: items[source], target: items[n], control, tensors: new Set() }));
        edge.tensors.add(control ? source : `${source}:${node[2][i + 1]}`);
      }
    });
    const flows = new Map();
    for (const edge of edges.values()) {
      const a = chainOf(edge.source), b = chainOf(edge.target);
      let shared = 0;
      while (shared < a.length && shared < b.length && a[shared] === b[shared]) shared++;
      edge.scope = shared ? a[shared - 1] : "";
      edge.ends = [a.length > shared ? `o:${a[shared]}` : edge.source, b.length > shared ? `o:${b[shared]}` : edge.target];
      if (edge.ends[0] === edge.ends[1]) continue;
      if (!flows.has(edge.scope)) flows.set(edge.scope, []);
      flows.get(edge.scope).push(edge.ends);
    }
    const members = new Map();
    for (const item of new Set(items)) {
      if (!item) continue;
      const chain = chainOf(item), scope = chain.length ? chain[chain.length - 1] : "";
      if (!members.has(scope)) members.set(scope, []);
      members.get(scope).push(item);
    }
    const places = new Map(), frames = [], clusters = new Map(), bends = new Map();
    const open = [...this.scopes.values()].filter((s) => s.all && s.chain.every((path) => this.open.has(path)));
    open.sort((a, b) => b.chain.length - a.chain.length);
    for (const scope of open) {
      const sizes = new Map();
      for (const item of members.get(scope.path) || []) {
        const lines = this.linesOf(item);
        sizes.set(item, [Math.max(40, ...lines.map((line) => textWidth(line) + 16)), lines.length * 13 + 8]);
      }
      for (const inner of scope.inner) if (clusters.has(inner.path)) sizes.set(`o:${inner.path}`, clusters.get(inner.path).size);
      const layout = Layout.layOut(sizes, flows.get(scope.path) || []);
      const width = Math.max(layout.size[0], textWidth(scope.label) + 30);
      clusters.set(scope.path, { layout, sizes, size: [width + 24, layout.size[1] + 32] });
    }
    const stack = [["", 0, 0]];
    while (stack.length) {
      const [path, x, y] = stack.pop();
      const cluster = clusters.get(path);
      if (!cluster) continue;
      if (path) frames.push({ path, x, y, width: cluster.size[0], height: cluster.size[1] });
      for (const [item, [left, top]] of cluster.layout.places) {
        const px = x + 12 + left, py = y + 20 + top;
        if (item[0] === "o") stack.push([item.slice(2), px, py]);
        else places.set(item, [px, py, ...cluster.sizes.get(item)]);
      }
      for (const [key, points] of cluster.layout.bends)
        bends.set(`${path}|${key}`, points.map(([px, py]) => [x + 12 + px, y + 20 + py]));
    }
    const root = clusters.get("");
    return { places, frames, edges: [...edges.values()], bends, size: root ? root.size : [0, 0] };
  }

  draw(anchor) {
    const before = anchor && this.scene && this.placeOf(anchor.from);
    this.scene = this.arrange();
    if (this.colour === "size") {
      this.mostBytes = 0;
      for (const item of this.scene.places.keys())
        this.mostBytes = Math.max(this.mostBytes, this.membersOf(item).reduce((sum, n) => sum + ((this.data.costs[n] || [0, 0])[1]), 0));
    }
    const parts = [];
    for (const frame of this.scene.frames) {
      const label = shorten(this.scopes.get(frame.path).label);
      parts.push(`<g class="frame" tabindex="0" role="button" aria-expanded="true" data-item="o:${esc(frame.path)}" aria-label="${esc(`close ${frame.path}`)}">` +
        `<title>${esc(shorten(frame.path, 300))}: click to close</title>` +
        `<rect x="${frame.x}" y="${frame.y}" width="${frame.width}" height="${frame.height}" rx="6" fill="${frame.path.split("/").length % 2 ? "#eef1f4" : "#f6f8fa"}" stroke="#afb8c1"/>` +
        `<text x="${frame.x + 8}" y="${frame.y + 14}" fill="#59636e">− ${esc(label)}</text></g>`);
    }
    const fans = new Map();
    for (const edge of this.scene.edges) {
      edge.nth = fans.get(`>${edge.source}`) || 0;
      fans.set(`>${edge.source}`, edge.nth + 1);
      fans.set(edge.target, (fans.get(edge.target) || 0) + 1);
    }
    for (const edge of this.scene.edges) edge.parts = fans.get(`>${edge.source}`) > 1 && fans.get(`>${edge.source}`) >= fans.get(edge.target);
    for (const edge of this.scene.edges) parts.push(this.edgeMarkup(edge));
    for (const [item, place] of this.scene.places) parts.push(this.boxMarkup(item, place));
    this.layer.innerHTML = parts.join("");
    if (before) {
      const after = this.placeOf(anchor.to);
      if (after) {
        this.view.x += (before[0] - after[0]) * this.view.scale;
        this.view.y += (before[1] - after[1]) * this.view.scale;
      }
    }
    this.move();
    this.drawLegend();
  }

  edgeMarkup(edge) {
    const [sx, sy, sw, sh] = this.scene.places.get(edge.source), [tx, ty, tw] = this.scene.places.get(edge.target);
    const points = [[sx + sw / 2, sy + sh], ...(this.scene.bends.get(`${edge.scope}|${edge.ends[0]}>${edge.ends[1]}`) || []), [tx + tw / 2, ty - 1]];
    let path = `M${points[0][0].toFixed(1)},${points[0][1].toFixed(1)}`;
    for (let i = 1; i < points.length; i++) {
      const [ax, ay] = points[i - 1], [bx, by] = points[i], half = ((ay + by) / 2).toFixed(1);
      path += `C${ax.toFixed(1)},${half} ${bx.toFixed(1)},${half} ${bx.toFixed(1)},${by.toFixed(1)}`;
    }
    let label = "";
    if (!edge.control) {
      const tensors = [...edge.tensors];
      if (tensors.length > 1) label = `${tensors.length} tensors`;
      else {
        const [source, port] = tensors[0].split(":");
        label = this.data.nodes[source][3][port] || "";
      }
    }
    /* where edges part, labels stand near the targets; where they meet, near the sources */
    const [ax, ay] = points[0], [bx, by] = points[1];
    const near = edge.parts ? [bx, by] : [ax, ay], far = edge.parts ? [ax, ay] : [bx, by];
    const x = 0.84 * near[0] + 0.16 * far[0], y = 0.75 * near[1] + 0.25 * far[1] + (edge.parts ? 0 : 8 * Math.min(edge.nth, 3));
    return `<g class="edge"><path d="${path}" fill="none" stroke="#6e7781"${edge.control ? ' stroke-dasharray="4 3"' : ""} marker-end="url(#arrow)"/>` +
      (label ? `<text x="${x.toFixed(1)}" y="${(y + 3).toFixed(1)}" text-anchor="middle" font-size="8" fill="#59636e" stroke="#ffffff" stroke-width="2" paint-order="stroke">${esc(label)}</text>` : "") + "</g>";
  }

  boxMarkup(item, [x, y, width, height]) {
    const lines = this.linesOf(item), fill = this.fillOf(item);
    const name = item[0] === "n" ? this.names[+item.slice(2)] : item.slice(2);
    const what = item[0] === "s" ? `open ${name}` : name;
    const rect = (shift) => `<rect x="${x + shift}" y="${y + shift}" width="${width}" height="${height}" rx="5" fill="${fill}" stroke="#6e7781"/>`;
    return `<g class="box${item === this.selected ? " selected" : ""}" tabindex="0" role="button" data-item="${esc(item)}" aria-label="${esc(shorten(what, 300))}">` +
      `<title>${esc(shorten(name, 300))}</title>` + (item[0] === "n" ? "" : rect(3)) + rect(0) +
      lines.map((line, n) => `<text x="${x + width / 2}" y="${y + 14 + n * 13}" text-anchor="middle" fill="#1f2328"${n ? "" : ' font-weight="bold"'}>${esc(line)}</text>`).join("") + "</g>";
  }

  placeOf(item) {
    if (item[0] !== "o") return this.scene.places.get(item);
    const frame = this.scene.frames.find((f) => `o:${f.path}` === item);
    return frame && [frame.x, frame.y, frame.width, frame.height];
  }

  buildPage() {
    const { root } = this;
    const colours = [["op", "what ops are for"], ["size", "bytes of weights"], ...(this.data.marks ? [["lint", "findings"]] : [])];
    root.innerHTML = `<div class="controls"><div class="search"><input type="search" placeholder="Find a node, or op:Conv2D" aria-label="Find a node" role="combobox" aria-expanded="false" autocomplete="off">` +
      `<ul class="results" role="listbox" hidden></ul></div>` +
      `<label>Colours <select>${colours.map(([key, text]) => `<option value="${key}">${text}</option>`).join("")}</select></label>` +
      `<button type="button" data-do="in" aria-label="Larger">+</button><button type="button" data-do="out" aria-label="Smaller">−</button>` +
      `<button type="button" data-do="fit">Fit</button><button type="button" data-do="close">Close all</button></div>` +
      `<div class="explorer"><div class="canvas"><svg tabindex="0" role="application" aria-label="Graph: arrows move, + and - zoom, 0 fits, / finds">` +
      `<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="#6e7781"/></marker></defs>` +
      `<g class="layer" font-family="Helvetica,Arial,sans-serif" font-size="10"></g></svg></div>` +
      `<div class="details" aria-live="polite"><p class="quiet">Click a scope to open it, its frame to close it, a node for what is known of it.</p></div></div><div class="legend"></div>`;
    this.svg = root.querySelector("svg");
    this.layer = root.querySelector(".layer");
    this.details = root.querySelector(".details");
    this.input = root.querySelector("input");
    this.results = root.querySelector(".results");
    root.querySelector("select").addEventListener("change", (event) => { this.colour = event.target.value; this.draw(); });
    root.querySelector(".controls").addEventListener("click", (event) => {
      const what = event.target.dataset.do;
      if (what === "in") this.zoom(1.25);
      if (what === "out") this.zoom(0.8);
      if (what === "fit") this.fit();
      if (what === "close") { this.open = new Set([""]); this.shownGroups.clear(); this.draw(); this.fit(); }
    });
    this.listen();
    this.listenSearch();
  }

  listen() {
    const svg = this.svg;
    let dragged = null, moved = false;
    const fingers = new Map();
    svg.addEventListener("pointerdown", (event) => {
      fingers.set(event.pointerId, [event.clientX, event.clientY]);
      dragged = [event.clientX, event.clientY];
      moved = false;
    });
    svg.addEventListener("pointermove", (event) => {
      if (!fingers.has(event.pointerId) || !dragged) return;
      if (fingers.size === 2) {
        const [other] = [...fingers].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
        const old = fingers.get(event.pointerId);
        const before = Math.hypot(old[0] - other[0], old[1] - other[1]), after = Math.hypot(event.clientX - other[0], event.clientY - other[1]);
        if (before > 0 && after > 0) this.zoom(after / before, (event.clientX + other[0]) / 2, (event.clientY + other[1]) / 2);
        fingers.set(event.pointerId, [event.clientX, event.clientY]);
        moved = true;
        return;
      }
      const dx = event.clientX - dragged[0], dy = event.clientY - dragged[1];
      if (!moved && Math.hypot(dx, dy) < 4) return;
      if (!moved) { svg.setPointerCapture(event.pointerId); svg.classList.add("moving"); }
      moved = true;
      this.view.x += dx;
      this.view.y += dy;
      dragged = [event.clientX, event.clientY];
      this.move();
    });
    const end = (event) => { fingers.delete(event.pointerId); dragged = null; svg.classList.remove("moving"); };
    svg.addEventListener("pointerup", end);
    svg.addEventListener("pointercancel", end);
    svg.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY * 0.0015), event.clientX, event.clientY);
    }, { passive: false });
    svg.addEventListener("click", (event) => {
      const target = event.target.closest("[data-item]");
      if (target && !moved) this.activate(target.dataset.item);
    });
    svg.addEventListener("keydown", (event) => {
      const target = event.target.closest("[data-item]");
      if (target && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); this.activate(target.dataset.item, true); return; }
      const step = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
      if (step) { this.view.x += step[0]; this.view.y += step[1]; this.move(); }
      else if (event.key === "+" || event.key === "=") this.zoom(1.25);
      else if (event.key === "-") this.zoom(0.8);
      else if (event.key === "0") this.fit();
      else if (event.key === "/") this.input.focus();
      else return;
      event.preventDefault();
    });
    this.details.addEventListener("click", (event) => {
      const link = event.target.closest("[data-node],[data-scope]");
      if (!link) return;
      event.preventDefault();
      if (link.dataset.scope === undefined) this.goTo(+link.dataset.node);
      else { this.activate(`s:${link.dataset.scope}`); this.centre(`o:${link.dataset.scope}`); }
    });
  }

  activate(item, keepFocus) {
    if (item[0] === "n") { this.select(item); return; }
    let anchor;
    if (item[0] === "s") {
      const path = item.slice(2);
      this.open.add(path);
      /* a scope that holds one scope only is opened along with it */
      for (let scope = this.scopes.get(path); scope.inner.filter((s) => s.all).length === 1 && !scope.leaves.length; ) {
        scope = scope.inner.find((s) => s.all);
        this.open.add(scope.path);
      }
      anchor = { from: item, to: `o:${path}` };
    } else if (item[0] === "o") {
      const path = item.slice(2);
      for (const scope of this.scopes.values()) if (scope.chain.includes(path)) this.open.delete(scope.path);
      anchor = { from: item, to: `s:${path}` };
    } else {
      this.showGroup(item);
      return;
    }
    this.draw(anchor);
    this.showScope(item.slice(2));
    if (keepFocus) this.focusItem(anchor.to);
  }

  focusItem(item) {
    const found = [...this.layer.querySelectorAll("[data-item]")].find((e) => e.dataset.item === item);
    if (found) found.focus({ preventScroll: true });
  }

  select(item) {
    this.selected = item;
    for (const box of this.layer.querySelectorAll(".box")) box.classList.toggle("selected", box.dataset.item === item);
    this.showNode(+item.slice(2));
  }

  /* Opens what is around a node, brings it to the middle, and says what is known of it. */
  goTo(n) {
    const constant = this.data.nodes[n][6] >= 0;
    const shown = constant ? this.readers[n].find((r) => this.data.nodes[r][6] < 0) ?? n : n;
    for (const path of this.home[shown].chain) this.open.add(path);
    const group = `${this.home[shown].path}|${this.opOf(shown)}`;
    if (this.home[shown].groups.has(this.opOf(shown)) && this.home[shown].leaves.length <= 1500) this.shownGroups.add(group);
    const item = this.itemOf(shown);
    this.selected = item;
    this.draw();
    this.centre(item);
    this.showNode(n);
    this.root.scrollIntoView({ block: "nearest" });
  }

  centre(item) {
    const place = this.placeOf(item);
    if (!place) return;
    const box = this.svg.getBoundingClientRect();
    this.view.scale = Math.max(this.view.scale, 0.8);
    this.view.x = box.width / 2 - (place[0] + place[2] / 2) * this.view.scale;
    this.view.y = box.height / 2 - (place[1] + place[3] / 2) * this.view.scale;
    this.move();
  }

  listenSearch() {
    const { input, results } = this;
    let found = [], at = 0;
    const show = () => {
      results.innerHTML = found.map((n, i) => `<li role="option" aria-selected="${i === at}" data-n="${n}">${esc(shorten(this.names[n], 120))} <span class="quiet">${esc(this.opOf(n))}</span></li>`).join("") ||
        (input.value.trim() ? '<li class="quiet">no node has this in its name</li>' : "");
      results.hidden = !results.innerHTML;
      input.setAttribute("aria-expanded", String(!results.hidden));
    };
    input.addEventListener("input", () => { found = this.find(input.value); at = 0; show(); });
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") at = Math.min(at + 1, found.length - 1);
      else if (event.key === "ArrowUp") at = Math.max(at - 1, 0);
      else if (event.key === "Enter") { if (found.length) { this.goTo(found[at]); results.hidden = true; } event.preventDefault(); return; }
      else if (event.key === "Escape") { results.hidden = true; return; }
      else return;
      event.preventDefault();
      show();
    });
    input.addEventListener("blur", () => setTimeout(() => { results.hidden = true; }, 200));
    results.addEventListener("mousedown", (event) => {
      const line = event.target.closest("[data-n]");
      if (line) { event.preventDefault(); this.goTo(+line.dataset.n); results.hidden = true; }
    });
  }

  find(text) {
    const wanted = text.trim().toLowerCase();
    if (!wanted) return [];
    const found = [];
    const op = wanted.startsWith("op:") ? wanted.slice(3) : null;
    for (let n = 0; n < this.names.length && found.length < 2000; n++)
      if (op !== null ? this.opOf(n).toLowerCase() === op : this.names[n].toLowerCase().includes(wanted)) found.push(n);
    /* names that end with the text first, then the shorter ones */
    const rank = (n) => (this.names[n].toLowerCase() === wanted ? 0 : this.names[n].toLowerCase().endsWith(wanted) ? 1 : 2);
    return found.sort((a, b) => rank(a) - rank(b) || this.names[a].length - this.names[b].length).slice(0, 60);
  }

  link(n, text) { return `<a href="#" data-node="${n}">${esc(shorten(text ?? this.names[n], 120))}</a>`; }

  showNode(n) {
    const [name, , inputs, shapes, attributes, constant] = this.data.nodes[n];
    const parts = [`<h3>${esc(name)}</h3><p>${esc(this.opOf(n))} <span class="quiet">${esc(this.familyOf(n))}</span></p>`];
    const marks = this.data.marks && this.data.marks[n];
    if (marks) parts.push(`<h4>Findings</h4><ul>${marks.slice(1).map((text) => `<li class="${esc(marks[0])}">${esc(text)}</li>`).join("")}</ul>`);
    if (shapes.length) parts.push(`<h4>Gives</h4><ul>${shapes.slice(0, 20).map((text, i) => `<li>${i ? `:${i} ` : ""}${esc(text || "unknown")}</li>`).join("")}</ul>`);
    const lines = [];
    for (let i = 0; i < inputs.length; i += 2) {
      const control = inputs[i + 1] < 0 ? ' <span class="quiet">control</span>' : "";
      lines.push(typeof inputs[i] === "number"
        ? `<li>${this.link(inputs[i], this.names[inputs[i]] + (inputs[i + 1] > 0 ? `:${inputs[i + 1]}` : ""))}${control} <span class="quiet">${esc(inputs[i + 1] < 0 ? "" : this.data.nodes[inputs[i]][3][inputs[i + 1]] || "")}</span></li>`
        : `<li class="error">${esc(inputs[i])} (not in the graph)</li>`);
    }
    parts.push(`<h4>Inputs</h4>${lines.length ? `<ul>${limited(lines)}</ul>` : '<p class="quiet">none</p>'}`);
    const readers = [...new Set(this.readers[n])].map((r) => `<li>${this.link(r)}</li>`);
    parts.push(`<h4>Read by</h4>${readers.length ? `<ul>${limited(readers)}</ul>` : '<p class="quiet">nothing</p>'}`);
    if (constant) {
      parts.push(`<h4>Value</h4><dl><dt>type</dt><dd>${esc(constant.text)}</dd>${(constant.facts || []).map(([key, value]) => `<dt>${esc(key)}</dt><dd>${esc(value)}</dd>`).join("")}</dl>`);
      if (constant.bins) parts.push(histogram(constant.bins, constant.range));
    }
    if (attributes.length) parts.push(`<h4>Attributes</h4><dl>${attributes.map(([key, value]) => `<dt>${esc(key)}</dt><dd>${esc(value)}</dd>`).join("")}</dl>`);
    this.details.innerHTML = parts.join("");
    this.details.scrollTop = 0;
  }

  showScope(path) {
    const scope = this.scopes.get(path);
    const ops = new Map();
    for (const n of this.membersOf(`s:${path}`)) ops.set(this.opOf(n), (ops.get(this.opOf(n)) || 0) + 1);
    const rows = [...ops].sort((a, b) => b[1] - a[1]).slice(0, 12).map(([op, count]) => `<dt>${esc(op)}</dt><dd>${count.toLocaleString("en")}</dd>`);
    this.details.innerHTML = `<h3>${esc(path)}</h3><p>${scope.all.toLocaleString("en")} nodes without constants</p><dl>${rows.join("")}</dl>`;
  }

  showGroup(item) {
    const [path, op] = splitGroup(item);
    const lines = op
      ? this.membersOf(item).map((n) => `<li>${this.link(n)}</li>`)
      : this.scopes.get(path).crowd.map((s) => `<li><a href="#" data-scope="${esc(s.path)}">${esc(shorten(s.label, 120))}</a> <span class="quiet">${s.all.toLocaleString("en")} nodes</span></li>`);
    this.details.innerHTML = `<h3>${esc(this.linesOf(item)[0])}</h3><ul>${limited(lines)}</ul>`;
  }

  drawLegend() {
    const legend = this.root.querySelector(".legend");
    let pairs = [];
    if (this.colour === "op") {
      const present = new Set(this.data.ops.map(([, family]) => family));
      pairs = Object.entries(this.data.fills).filter(([family]) => present.has(family));
    } else if (this.colour === "size") pairs = this.data.sizes.map((fill, n) => [n ? `up to ${bytesText((this.mostBytes * n) / 4)}` : "no weights", fill]);
    else pairs = [["nothing found", "#ffffff"], ...Object.entries(this.data.severities)];
    legend.innerHTML = pairs.map(([text, fill]) => `<span><i style="background:${fill}"></i>${esc(text)}</span>`).join("") + "<span>two sheets, +: several nodes</span><span>dashed: control</span>";
  }

  move() {
    const { x, y, scale } = this.view;
    this.layer.setAttribute("transform", `translate(${x},${y}) scale(${scale})`);
  }

  zoom(factor, clientX, clientY) {
    const box = this.svg.getBoundingClientRect();
    const px = clientX === undefined ? box.width / 2 : clientX - box.left, py = clientY === undefined ? box.height / 2 : clientY - box.top;
    const scale = Math.min(6, Math.max(0.02, this.view.scale * factor));
    const share = scale / this.view.scale;
    this.view = { scale, x: px - (px - this.view.x) * share, y: py - (py - this.view.y) * share };
    this.move();
  }

  fit() {
    const box = this.svg.getBoundingClientRect(), [width, height] = this.scene.size;
    if (!width || !box.width) return;
    const scale = Math.min(1.4, box.width / (width + 20), Math.max(box.height / (height + 20), 0.75));
    this.view = { scale, x: Math.max(10, (box.width - width * scale) / 2), y: 10 };
    this.move();
  }
}

function esc(text) {
  return String(text).replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c]);
}
function shorten(text, longest = 40) {
  const half = (longest - 1) >> 1;
  return text.length > longest ? `${text.slice(0, half)}…${text.slice(-half)}` : text;
}
function textWidth(text) {
  let wide = 0;
  for (const c of text) if (c.charCodeAt(0) > 0x2e80) wide++;
  return (text.length * 0.58 + wide * 0.42) * 10;
}
function splitGroup(item) {
  const at = item.lastIndexOf("|");
  return [item.slice(2, at), item.slice(at + 1)];
}
function limited(lines, most = 200) {
  return lines.slice(0, most).join("") + (lines.length > most ? `<li class="quiet">and ${(lines.length - most).toLocaleString("en")} more</li>` : "");
}
function histogram(bins, range) {
  const most = Math.max(...bins);
  const bars = bins.map((count, n) => `<rect x="${(n * 100) / bins.length}" y="${40 - (count * 38) / most}" width="${90 / bins.length}" height="${(count * 38) / most}"><title>${count.toLocaleString("en")}</title></rect>`);
  return `<svg class="histogram" viewBox="0 0 100 40" preserveAspectRatio="none" role="img" aria-label="Histogram of the values">${bars.join("")}</svg><p class="quiet">${esc(range[0])} to ${esc(range[1])}</p>`;
}
function bytesText(bytes) {
  for (const unit of ["B", "kB", "MB", "GB"]) {
    if (bytes < 999.5 || unit === "GB") return `${bytes.toFixed(unit === "B" || bytes >= 99.5 ? 0 : 1)} ${unit}`;
    bytes /= 1000;
  }
  return "";
}
