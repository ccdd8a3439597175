/* What brings the page to life: theme, graphs, treemaps, links to nodes. */
const theme = document.getElementById("theme");
theme.addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
});

const data = JSON.parse(document.getElementById("data").textContent);
for (const article of document.querySelectorAll("article[data-chapter]")) {
  const own = data[article.dataset.chapter] || {};
  let explorer = null;
  for (const root of article.querySelectorAll("[data-source]")) {
    /* the picture of a function is laid out when it is opened: before, it has no size */
    if (root.dataset.source === "function")
      root.parentElement.addEventListener("toggle", () => new Explorer(root, own.functions[+root.dataset.number]), { once: true });
    if (root.dataset.source === "graph") article.explorer = explorer = new Explorer(root, own.graph);
  }
  for (const root of article.querySelectorAll('[data-source="costs"]'))
    article.treemap = new Treemap(root, { ...own.costs, names: own.graph ? own.graph.nodes.map((node) => node[0]) : own.costs.names }, explorer);
  article.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-name]");
    if (!link || !explorer) return;
    event.preventDefault();
    const { byName } = explorer.scopes, { name } = link.dataset; /* of a tensor, the node that gives it */
    const n = byName.get(name) ?? byName.get(name.replace(/:\d+$/, ""));
    if (n !== undefined) explorer.goTo(n);
  });
}
