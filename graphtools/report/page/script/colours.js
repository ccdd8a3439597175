/* What boxes are filled with: by what their ops are for, by bytes of weights, or by findings. */
class Colours {
  constructor(scopes) {
    this.scopes = scopes;
    this.data = scopes.data;
    this.by = "op";
    this.mostBytes = 0;
    this.known = new Map();
  }

  /* What can be chosen, with what it is called. */
  choices() {
    return [["op", "what ops are for"], ["size", "bytes of weights"], ...(this.data.marks ? [["lint", "findings"]] : [])];
  }

  /* To be told what is shown: colours by size are in quarters of the heaviest box. */
  prepare(items) {
    if (this.by !== "size") return;
    this.mostBytes = 0;
    for (const item of items) this.mostBytes = Math.max(this.mostBytes, this.of(item));
  }

  fill(item) {
    const found = this.of(item);
    if (this.by !== "size") return found;
    return found ? this.data.sizes[1 + Math.min(3, Math.floor((4 * found) / this.mostBytes))] : this.data.sizes[0];
  }

  /* The colour of an item, or its bytes. */
  of(item) {
    const key = this.by + item;
    let found = this.known.get(key);
    if (found === undefined) this.known.set(key, (found = this[this.by](this.scopes.membersOf(item))));
    return found;
  }

  op(members) {
    const families = new Map();
    for (const n of members) families.set(this.scopes.familyOf(n), (families.get(this.scopes.familyOf(n)) || 0) + 1);
    const telling = this.data.telling.find((family) => families.has(family));
    const [most] = [...families].sort((a, b) => b[1] - a[1])[0] || ["other"];
    return this.data.fills[telling || most];
  }

  size(members) { return members.reduce((sum, n) => sum + (this.data.costs[n] || [0, 0])[1], 0); }

  lint(members) {
    const found = new Set(members.map((n) => (this.data.marks[n] || [""])[0]));
    const [, fill] = Object.entries(this.data.severities).find(([severity]) => found.has(severity)) || ["", "#ffffff"];
    return fill;
  }

  legend() {
    if (this.by === "size") {
      const quarters = this.mostBytes ? this.data.sizes : this.data.sizes.slice(0, 1);
      return quarters.map((fill, n) => [n ? `up to ${bytesText((this.mostBytes * n) / 4)}` : "no weights", fill]);
    }
    if (this.by === "lint") return [["nothing found", "#ffffff"], ...Object.entries(this.data.severities)];
    this.families ??= new Set(this.scopes.membersOf("s:").map((n) => this.scopes.familyOf(n)));
    return Object.entries(this.data.fills).filter(([family]) => this.families.has(family));
  }
}
