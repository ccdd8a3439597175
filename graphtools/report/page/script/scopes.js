/* A graph by its scopes, and which boxes stand for it while some of them are open.
   Data: { nodes: [[name, op, [source, port, ...], [shape, ...], attributes, constant, hangsOn]],
   ops: [[op, family]], costs: {node: [parameters, bytes, MACs]}, marks: {node: [severity, text, ...]}, ... }.
   A source is the number of a node, or a name that is not in the graph; port -1 is a control input.
   What is drawn is an item: n:NODE a node, s:PATH a closed scope, o:PATH the frame of an open one,
   g:PATH|OP the nodes of an op that stand in a scope, g:PATH| the scopes that do. */
const MOST_SIDE_BY_SIDE = 120, MOST_LEAVES = 1000, DEEPEST = 30;

/* A fused operator of TFLite has the names of all that it was, of which the first tells its scope. */
function ownName(name) {
  const end = name.indexOf(";");
  return end < 0 ? name : `${name.slice(0, end)};…`;
}

class Scopes {
  constructor(data) {
    this.data = data;
    this.names = data.nodes.map((node) => node[0]);
    this.byName = new Map(this.names.map((name, n) => [name, n]));
    this.readers = data.nodes.map(() => []);
    data.nodes.forEach((node, n) => {
      for (let i = 0; i < node[2].length; i += 2)
        if (typeof node[2][i] === "number") this.readers[node[2][i]].push(n);
    });
    this.build();
    this.gatherCrowds();
    this.open = new Set([""]);
    this.shownGroups = new Set();
    this.openFirst();
  }

  build() {
    this.root = { path: "", label: "", outer: null, inner: [], leaves: [], all: 0, chain: [] };
    this.byPath = new Map([["", this.root]]);
    this.home = [];
    this.data.nodes.forEach((node, n) => {
      const parts = ownName(node[0]).split("/"), own = this.isOwnBox(n) ? 1 : 0;
      let scope = this.root, path = "";
      scope.all += own;
      for (const label of parts.slice(0, Math.min(parts.length - 1, DEEPEST))) {
        path = scope === this.root ? label : `${path}/${label}`;
        let inner = this.byPath.get(path);
        if (!inner) {
          inner = { path, label, outer: scope, inner: [], leaves: [], all: 0, chain: [...scope.chain, path] };
          this.byPath.set(path, inner);
          scope.inner.push(inner);
        }
        scope = inner;
        scope.all += own;
      }
      this.home[n] = scope;
      if (own) scope.leaves.push(n);
    });
    /* a scope of one node is that node */
    const inwards = [...this.byPath.values()].sort((a, b) => b.chain.length - a.chain.length);
    for (const scope of inwards) {
      if (scope.all !== 1 || scope === this.root) continue;
      const [only] = scope.leaves;
      scope.all = 0;
      scope.leaves = [];
      scope.outer.leaves.push(only);
      this.home[only] = scope.outer;
    }
  }

  /* By scope, what is one box because there is much of it: leaves of the same op, scopes inside. */
  gatherCrowds() {
    for (const scope of this.byPath.values()) {
      scope.groups = new Map();
      scope.crowd = scope.inner.filter((inner) => inner.all);
      scope.crowded = scope.crowd.length > MOST_SIDE_BY_SIDE;
      if (scope.leaves.length <= MOST_SIDE_BY_SIDE) continue;
      const ops = new Map();
      for (const n of scope.leaves) {
        const op = this.data.nodes[n][1];
        if (!ops.has(op)) ops.set(op, []);
        ops.get(op).push(n);
      }
      const few = scope.leaves.length > MOST_LEAVES ? 1 : 8;
      for (const [op, list] of ops) if (list.length > few) scope.groups.set(op, list);
    }
  }

  /* Whether a node is a box, not a weight on the nodes that read it. */
  isOwnBox(n) { return this.data.nodes[n][6] < 0; }
  opOf(n) { return this.data.ops[this.data.nodes[n][1]][0]; }
  familyOf(n) { return this.data.ops[this.data.nodes[n][1]][1]; }
  isShown(scope) { return scope.chain.every((path) => this.open.has(path)); }

  /* Opens the smallest scopes first, as long as the picture stays small. */
  openFirst() {
    const count = (scope) =>
      (scope.crowded ? 1 : scope.crowd.length) + (scope.groups.size ? scope.groups.size : scope.leaves.length);
    let boxes = count(this.root), closed = this.root.crowded ? [] : [...this.root.crowd];
    for (;;) {
      closed.sort((a, b) => count(a) - count(b) || a.chain.length - b.chain.length);
      const next = closed.find((s) => count(s) === 1) || (boxes < 12 ? closed[0] : null);
      if (!next || boxes + count(next) - 1 > 45) return;
      this.open.add(next.path);
      boxes += count(next) - 1;
      closed = closed.filter((scope) => scope !== next);
      if (!next.crowded) closed.push(...next.crowd);
    }
  }

  /* Opens a scope, and one that is the only thing in it along with it. */
  openScope(path) {
    this.open.add(path);
    for (let scope = this.byPath.get(path); scope.crowd.length === 1 && !scope.leaves.length; ) {
      [scope] = scope.crowd;
      this.open.add(scope.path);
    }
  }

  closeScope(path) {
    for (const inner of [...this.open])
      if (inner && this.byPath.get(inner).chain.includes(path)) this.open.delete(inner);
  }

  closeAll() {
    this.open = new Set([""]);
    this.shownGroups.clear();
  }

  /* Opens what is around a node, as far as that can be shown; gives its item. */
  reveal(n) {
    const scope = this.home[n], op = this.data.nodes[n][1];
    for (const path of scope.chain) this.open.add(path);
    if (scope.groups.has(op) && scope.groups.get(op).length <= MOST_LEAVES) this.shownGroups.add(`${scope.path}|${op}`);
    return this.itemOf(n, new Map());
  }

  /* The item that stands for a node: of the outermost closed scope, of a group, or its own.
     closed: What is found for scopes, to be given again as long as none is opened or closed. */
  itemOf(n, closed) {
    const scope = this.home[n], outside = this.closedAround(scope, closed);
    if (outside) return outside;
    const op = this.data.nodes[n][1];
    return scope.groups.has(op) && !this.shownGroups.has(`${scope.path}|${op}`) ? `g:${scope.path}|${op}` : `n:${n}`;
  }

  closedAround(scope, closed) {
    if (scope === this.root) return "";
    let item = closed.get(scope);
    if (item === undefined) {
      item = this.closedAround(scope.outer, closed);
      if (!item && !this.open.has(scope.path)) item = scope.outer.crowded ? `g:${scope.outer.path}|` : `s:${scope.path}`;
      closed.set(scope, item);
    }
    return item;
  }

  /* Of g:PATH|OP the scope and the number of the op; -1 if it is of scopes. */
  groupOf(item) {
    const at = item.lastIndexOf("|"), op = item.slice(at + 1);
    return [this.byPath.get(item.slice(2, at)), op === "" ? -1 : +op];
  }

  /* The scope in which an item stands. */
  scopeAround(item) {
    if (item[0] === "n") return this.home[+item.slice(2)];
    return item[0] === "g" ? this.groupOf(item)[0] : this.byPath.get(item.slice(2)).outer;
  }

  membersOf(item) {
    if (item[0] === "n") return [+item.slice(2)];
    const [scope, op] = item[0] === "g" ? this.groupOf(item) : [this.byPath.get(item.slice(2)), -1];
    if (op >= 0) return scope.groups.get(op);
    const found = [], stack = item[0] === "g" ? [...scope.crowd] : [scope];
    while (stack.length) { const inner = stack.pop(); for (const n of inner.leaves) found.push(n); stack.push(...inner.inner); }
    return found;
  }

  nameOf(item) {
    if (item[0] === "n") return this.names[+item.slice(2)];
    return item[0] === "g" ? `${this.linesOf(item)[0]} in ${this.groupOf(item)[0].path || "the graph"}` : item.slice(2);
  }

  /* What is written on a box. */
  linesOf(item) {
    if (item[0] === "n") {
      const n = +item.slice(2), home = this.home[n].path, op = this.opOf(n);
      const label = shorten(ownName(this.names[n]).slice(home ? home.length + 1 : 0));
      return [label, ...(op === label ? [] : [shorten(op)]), ...this.weightLines(n)];
    }
    if (item[0] === "g") {
      const [scope, op] = this.groupOf(item);
      const what = op < 0 ? [scope.crowd, "scopes"] : [scope.groups.get(op), shorten(this.data.ops[op][0])];
      return [`${what[0].length.toLocaleString("en")} ${what[1]}`, "click to list them"];
    }
    const scope = this.byPath.get(item.slice(2));
    return [`${shorten(scope.label)} +`, countText(scope.all, "node")];
  }

  weightLines(n) {
    const seen = new Set(), lines = [], inputs = this.data.nodes[n][2];
    for (let i = 0; i < inputs.length; i += 2) {
      if (typeof inputs[i] !== "number" || inputs[i + 1] < 0) continue;
      const constant = this.data.nodes[inputs[i]][6];
      if (constant < 0 || seen.has(constant)) continue;
      seen.add(constant);
      lines.push(shorten(this.data.nodes[constant][5].short));
    }
    return lines.length > 4 ? [...lines.slice(0, 3), `and ${lines.length - 3} more`] : lines;
  }
}
