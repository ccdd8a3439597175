/* What brings the page to life: theme, graphs, treemaps, pictures, links to nodes and ops. */
const theme = document.documentElement.dataset;
document.getElementById("theme").addEventListener("click", () => { theme.theme = theme.theme === "dark" ? "light" : "dark"; });

/* A picture is as wide as there is room, or as large as it was drawn. */
const isCut = (picture) => { const drawn = picture.querySelector("svg"); return drawn && drawn.width.baseVal.value > picture.clientWidth; };
for (const picture of document.querySelectorAll(".sides .picture"))
  if (isCut(picture)) picture.closest(".sides").classList.add("wide");
for (const picture of document.querySelectorAll(".picture")) {
  if (!isCut(picture)) continue;
  const button = document.createElement("button");
  const show = (large) => {
    picture.classList.toggle("large", large);
    button.textContent = large ? "Fit" : "Full size";
  };
  button.type = "button";
  button.addEventListener("click", () => show(!picture.classList.contains("large")));
  picture.before(button);
  show(false);
}

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
    article.treemap = new Treemap(root, { ...own.costs, names: explorer ? explorer.scopes.names : own.costs.names }, explorer);
  article.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-name],a[data-op]");
    if (!link || !explorer) return;
    event.preventDefault();
    if (link.dataset.op !== undefined) { explorer.search.begin(`op:${link.dataset.op}`); return; }
    const { byName } = explorer.scopes, { name } = link.dataset; /* of a tensor, the node that gives it */
    const n = byName.get(name) ?? byName.get(name.replace(/:\d+$/, ""));
    if (n !== undefined) explorer.goTo(n);
  });
}

/* What is not cut off needs no stop of the Tab key to be scrolled. */
const scrolled = document.querySelectorAll(".table,.picture,pre");
const stop = () => { for (const part of scrolled) part.tabIndex = part.scrollHeight > part.clientHeight || part.scrollWidth > part.clientWidth ? 0 : -1; };
addEventListener("resize", stop);
stop();
