/* What is known of a node, of a scope, and of a group. */
class Details {
  /* goTo: What is called with the node of a link; open: with the path of the scope of a link. */
  constructor(root, scopes, { goTo, open }) {
    this.root = root;
    this.scopes = scopes;
    root.innerHTML = '<p class="quiet">Click a scope to open it, its frame to close it, a node for what is known of it.</p>' +
      '<p class="quiet">By keys: Tab from box to box, Enter opens, Escape closes the scope around, arrows move, + and - zoom, 0 fits, / finds.</p>';
    root.addEventListener("click", (event) => {
      const link = event.target.closest("[data-node],[data-scope]");
      if (!link) return;
      event.preventDefault();
      if (link.dataset.scope === undefined) goTo(+link.dataset.node);
      else open(link.dataset.scope);
    });
  }

  fill(parts) {
    this.root.innerHTML = parts.join("");
    this.root.scrollTop = 0;
  }

  link(n, port = 0) {
    return `<a href="#" data-node="${n}">${esc(shorten(this.scopes.names[n] + (port > 0 ? `:${port}` : ""), 120))}</a>`;
  }

  showItem(item) {
    if (item[0] === "n") this.showNode(+item.slice(2));
    else if (item[0] === "g") this.showGroup(item);
    else this.showScope(item.slice(2));
  }

  showNode(n) {
    const { data, names } = this.scopes, [name, , inputs, shapes, attributes, constant] = data.nodes[n];
    const parts = [`<h3>${esc(shorten(name, 1000))}</h3><p>${esc(this.scopes.opOf(n))} <span class="quiet">${esc(this.scopes.familyOf(n))}</span></p>`];
    const [severity, ...findings] = (data.marks && data.marks[n]) || [];
    if (severity) parts.push("<h4>Findings</h4>", `<ul>${findings.map((text) => `<li class="${esc(severity)}">${esc(text)}</li>`).join("")}</ul>`);
    if (shapes.length) parts.push("<h4>Gives</h4>", listHtml(shapes.map((text, i) => (i ? `:${i} ` : "") + (text || "unknown")), esc, 20));
    const costs = this.costsOf([n]), sources = [];
    if (costs.length) parts.push("<h4>Costs</h4>", factsHtml(costs));
    for (let i = 0; i < inputs.length; i += 2) sources.push([inputs[i], inputs[i + 1]]);
    parts.push("<h4>Inputs</h4>", sources.length ? listHtml(sources, ([source, port]) => this.inputHtml(source, port)) : '<p class="quiet">none</p>');
    const readers = [...new Set(this.scopes.readers[n])];
    parts.push("<h4>Read by</h4>", readers.length ? listHtml(readers, (reader) => this.link(reader)) : '<p class="quiet">nothing</p>');
    if (constant) parts.push("<h4>Value</h4>", factsHtml([["type", constant.text], ...(constant.facts || [])]));
    if (constant && constant.bins) parts.push(histogramHtml(constant.bins, constant.range));
    if (attributes.length) parts.push("<h4>Attributes</h4>", factsHtml(attributes));
    this.fill(parts);
  }

  inputHtml(source, port) {
    if (typeof source !== "number") return `<span class="error">${esc(shorten(source, 120))} (not in the graph)</span>`;
    const what = port < 0 ? "control" : this.scopes.data.nodes[source][3][port] || "";
    return `${this.link(source, port)} <span class="quiet">${esc(what)}</span>`;
  }

  /* What nodes cost, as pairs; what is nothing is left out. */
  costsOf(members) {
    const sums = [0, 0, 0];
    for (const n of members) (this.scopes.data.costs[n] || []).forEach((value, i) => { sums[i] += value; });
    const told = [["parameters", sums[0].toLocaleString("en")], ["bytes", bytesText(sums[1])], ["multiply-accumulates", sums[2].toLocaleString("en")]];
    return told.filter((_, i) => sums[i]);
  }

  showScope(path) {
    const scope = this.scopes.byPath.get(path), members = this.scopes.membersOf(`s:${path}`), ops = new Map();
    for (const n of members) ops.set(this.scopes.opOf(n), (ops.get(this.scopes.opOf(n)) || 0) + 1);
    const most = [...ops].sort((a, b) => b[1] - a[1]), rows = most.slice(0, 12).map(([op, count]) => [op, count.toLocaleString("en")]);
    const more = most.length > rows.length ? `<p class="quiet">and ${countText(most.length - rows.length, "more op")}</p>` : "";
    const costs = this.costsOf(members), title = `<h3>${esc(shorten(path, 1000))}</h3><p>${countText(scope.all, "node")} besides constants</p>`;
    this.fill([title, costs.length ? factsHtml(costs) + "<h4>Ops</h4>" : "", factsHtml(rows), more]);
  }

  showGroup(item) {
    const [scope, op] = this.scopes.groupOf(item), title = `<h3>${esc(this.scopes.nameOf(item))}</h3>`;
    if (op >= 0) this.fill([title, listHtml(scope.groups.get(op), (n) => this.link(n))]);
    else this.fill([title, listHtml(scope.crowd, (inner) => `<a href="#" data-scope="${esc(inner.path)}">${esc(shorten(inner.label, 120))}</a> <span class="quiet">${countText(inner.all, "node")}</span>`)]);
  }
}

function histogramHtml(bins, range) {
  const most = Math.max(...bins) || 1;
  const bars = bins.map((count, n) => `<rect x="${((n * 100) / bins.length).toFixed(2)}" y="${(40 - (count * 38) / most).toFixed(2)}" width="${(90 / bins.length).toFixed(2)}" height="${((count * 38) / most).toFixed(2)}"><title>${count.toLocaleString("en")}</title></rect>`);
  return `<svg class="histogram" viewBox="0 0 100 40" preserveAspectRatio="none" role="img" aria-label="Histogram of the values">${bars.join("")}</svg><p class="quiet">${esc(range[0])} to ${esc(range[1])}</p>`;
}
