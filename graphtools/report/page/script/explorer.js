/* A graph to look at: its picture, a search, and what is known of what was chosen. */
class Explorer {
  constructor(root, data) {
    this.root = root;
    this.scopes = new Scopes(data);
    this.colours = new Colours(this.scopes);
    this.arranger = new Arranger(this.scopes);
    const choices = this.colours.choices().map(([by, text]) => `<option value="${by}">${text}</option>`);
    root.innerHTML = `<div class="controls"><div class="search"></div><label>Colours <select>${choices.join("")}</select></label>` +
      `<button type="button" data-do="in" aria-label="Larger">+</button><button type="button" data-do="out" aria-label="Smaller">−</button>` +
      `<button type="button" data-do="fit">Fit</button><button type="button" data-do="close">Close all</button></div>` +
      `<div class="explorer"><div class="canvas"><svg tabindex="0" role="group" aria-label="Graph: arrows move, + and - zoom, 0 fits, / finds"></svg></div>` +
      `<div class="details" tabindex="0" role="group" aria-label="What is known of what was chosen" aria-live="polite"></div></div><div class="legend"></div>`;
    this.picture = new Picture(root.querySelector(".canvas svg"), this.scopes, this.colours);
    this.search = new Search(root.querySelector(".search"), this.scopes, (hit) => (typeof hit === "number" ? this.goTo(hit) : this.goToScope(hit)));
    this.details = new Details(root.querySelector(".details"), this.scopes, {
      goTo: (n) => this.goTo(n),
      open: (path) => this.activate(`s:${path}`),
    });
    new Hands(this.picture, {
      activate: (item) => this.activate(item),
      leave: (item) => this.leave(item),
      find: () => this.search.input.focus(),
    });
    root.querySelector("select").addEventListener("change", (event) => { this.colours.by = event.target.value; this.draw(); });
    root.querySelector(".controls").addEventListener("click", (event) => this.press(event.target.dataset.do));
    this.draw();
    this.picture.fit();
  }

  press(button) {
    if (button === "in") this.picture.zoom(1.25);
    if (button === "out") this.picture.zoom(0.8);
    if (button === "close") { this.scopes.closeAll(); this.draw(); }
    if (button === "close" || button === "fit") this.picture.fit();
  }

  draw(anchor) {
    this.picture.draw(this.arranger.arrange(), anchor);
    const signs = ["two sheets, +: several nodes", "dashed: control"].map((text) => `<span>${text}</span>`);
    this.root.querySelector(".legend").innerHTML = this.colours.legend().map(([text, fill]) => `<span><i style="background:${fill}"></i>${esc(text)}</span>`).join("") + signs.join("");
  }

  /* Opens a scope, closes one that is open, or shows what is known of a node or a group. */
  activate(item) {
    const path = item.slice(2), from = item;
    if (item[0] === "s") { this.scopes.openScope(path); item = `o:${path}`; }
    else if (item[0] === "o") { this.scopes.closeScope(path); item = `s:${path}`; }
    if (item !== from) {
      const hadFocus = this.picture.layer.contains(document.activeElement);
      this.draw({ from, to: item });
      if (item[0] === "o" && this.picture.isNarrow()) this.picture.fit(item);
      else this.picture.follow(item);
      if (hadFocus) this.picture.focus(item);
    } else this.picture.select(item);
    this.details.showItem(item);
  }

  /* Closes a frame, or that around a box. */
  leave(item) {
    const frame = item[0] === "o" ? item : `o:${this.scopes.scopeAround(item).path}`;
    if (frame !== "o:") this.activate(frame);
  }

  /* Opens a scope and what is around it, and brings it into the picture. */
  goToScope(item) {
    const { chain, path } = this.scopes.byPath.get(item.slice(2));
    for (const outer of chain) this.scopes.openScope(outer);
    this.draw();
    this.picture.select(`o:${path}`);
    this.picture.fit(`o:${path}`);
    this.details.showScope(path);
    this.root.scrollIntoView({ block: "nearest" });
  }

  /* Opens what is around a node, brings it to the middle, and says what is known of it.
     A constant is shown on a node that reads it. */
  goTo(n) {
    const reader = this.scopes.isOwnBox(n) ? n : this.scopes.readers[n].find((r) => this.scopes.isOwnBox(r)) ?? n;
    const item = this.scopes.reveal(reader);
    this.draw();
    this.picture.select(item);
    this.picture.centre(item);
    this.details.showNode(n);
    this.root.scrollIntoView({ block: "nearest" });
  }
}
