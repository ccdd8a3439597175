/* Where everything is while some scopes are open: each scope is laid out by itself, innermost first. */
class Arranger {
  constructor(scopes) {
    this.scopes = scopes;
    this.layouts = new Map();
  }

  /* Gives the places of items ([x, y, width, height]), the frames of open scopes, the edges with the
     points that they pass, and the size of all. */
  arrange() {
    const { nodes } = this.scopes.data, closed = new Map();
    const items = nodes.map((_, n) => (this.scopes.isOwnBox(n) ? this.scopes.itemOf(n, closed) : ""));
    const edges = this.edgesBetween(items);
    const flows = this.flowsOf(edges), members = new Map();
    for (const item of new Set(items)) {
      if (!item) continue;
      const { path } = this.scopes.scopeAround(item);
      if (!members.has(path)) members.set(path, []);
      members.get(path).push(item);
    }
    const open = [...this.scopes.open].map((path) => this.scopes.byPath.get(path)).filter((s) => s.all && this.scopes.isShown(s));
    open.sort((a, b) => b.chain.length - a.chain.length);
    const clusters = new Map();
    for (const scope of open) {
      const sizes = new Map();
      for (const item of members.get(scope.path) || []) {
        const lines = this.scopes.linesOf(item);
        sizes.set(item, [Math.max(40, ...lines.map((line) => textWidth(line) + 16)), lines.length * 13 + 8]);
      }
      for (const inner of scope.inner) if (clusters.has(inner.path)) sizes.set(`o:${inner.path}`, clusters.get(inner.path).size);
      const layout = this.layOut(scope.path, sizes, flows.get(scope.path) || []);
      const width = Math.max(layout.size[0], textWidth(shorten(scope.label)) + 30);
      clusters.set(scope.path, { layout, sizes, size: [width + 24, layout.size[1] + 32] });
    }
    return this.placed(clusters, edges);
  }

  /* Edges between items: what flows between the same two is one, and one for control. */
  edgesBetween(items) {
    const { nodes } = this.scopes.data, number = new Map(), found = new Map();
    const numbers = items.map((item) => { if (!number.has(item)) number.set(item, number.size); return number.get(item); });
    nodes.forEach((node, n) => {
      const target = items[n], inputs = node[2];
      if (!target) return;
      for (let i = 0; i < inputs.length; i += 2) {
        const source = inputs[i];
        if (typeof source !== "number" || !items[source] || numbers[source] === numbers[n]) continue;
        const control = inputs[i + 1] < 0;
        const key = (numbers[source] * number.size + numbers[n]) * 2 + (control ? 1 : 0);
        let edge = found.get(key);
        if (!edge) found.set(key, (edge = { source: items[source], target, control, tensors: new Map() }));
        /* by a number that is each tensor's own */
        edge.tensors.set(source + nodes.length * Math.max(0, inputs[i + 1]), [source, inputs[i + 1]]);
      }
    });
    return [...found.values()];
  }

  /* By scope, what is joined in it: an edge belongs to the innermost scope around both its ends. */
  flowsOf(edges) {
    const flows = new Map();
    for (const edge of edges) {
      const a = this.scopes.scopeAround(edge.source).chain, b = this.scopes.scopeAround(edge.target).chain;
      let shared = 0;
      while (shared < a.length && shared < b.length && a[shared] === b[shared]) shared++;
      edge.scope = shared ? a[shared - 1] : "";
      edge.ends = [a.length > shared ? `o:${a[shared]}` : edge.source, b.length > shared ? `o:${b[shared]}` : edge.target];
      edge.left = a.length - shared; /* frames around the source alone */
      edge.entered = b.length - shared;
      if (edge.ends[0] === edge.ends[1]) continue;
      if (!flows.has(edge.scope)) flows.set(edge.scope, []);
      flows.get(edge.scope).push(edge.ends);
    }
    return flows;
  }

  /* The layout of a scope; the last one where nothing in it is different. */
  layOut(path, sizes, edges) {
    const key = JSON.stringify([[...sizes], edges]);
    let known = this.layouts.get(path);
    if (!known || known.key !== key) this.layouts.set(path, (known = { key, layout: Layout.layOut(sizes, edges) }));
    return known.layout;
  }

  placed(clusters, edges) {
    const places = new Map(), frames = new Map(), bends = new Map(), stack = [["", 0, 0]];
    while (stack.length) {
      const [path, x, y] = stack.pop(), cluster = clusters.get(path);
      if (!cluster) continue;
      if (path) frames.set(`o:${path}`, [x, y, ...cluster.size]);
      for (const [item, [left, top]] of cluster.layout.places) {
        const px = x + 12 + left, py = y + 20 + top;
        if (item[0] === "o") stack.push([item.slice(2), px, py]);
        else places.set(item, [px, py, ...cluster.sizes.get(item)]);
      }
      for (const [key, points] of cluster.layout.bends)
        bends.set(`${path}|${key}`, points.map(([px, py]) => [x + 12 + px, y + 20 + py]));
    }
    for (const edge of edges) {
      const [sx, sy, width, height] = places.get(edge.source), [tx, ty, wide] = places.get(edge.target);
      const between = bends.get(`${edge.scope}|${edge.ends[0]}>${edge.ends[1]}`) || [];
      edge.points = [[sx + width / 2, sy + height], ...between, [tx + wide / 2, ty - 1]];
    }
    this.turnLabels(edges);
    const root = clusters.get("");
    return { places, frames, edges, size: root ? root.size : [0, 0] };
  }

  /* Where edges part, labels stand near the targets; where they meet, near the sources. */
  turnLabels(edges) {
    const leaving = new Map(), arriving = new Map();
    for (const edge of edges) {
      edge.nth = leaving.get(edge.source) || 0;
      leaving.set(edge.source, edge.nth + 1);
      arriving.set(edge.target, (arriving.get(edge.target) || 0) + 1);
    }
    for (const edge of edges) edge.parts = leaving.get(edge.source) > arriving.get(edge.target);
  }
}
