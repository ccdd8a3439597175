/* The picture: what of a scene is in sight, as SVG. What stays keeps its elements, and with them
   the focus; what only moves is moved. */
const MOST_WHOLE = 150, FAR = 0.25, NARROW = 600;

class Picture {
  constructor(svg, scopes, colours) {
    this.svg = svg;
    this.scopes = scopes;
    this.colours = colours;
    this.arrow = `arrow${Picture.number++}`;
    svg.innerHTML = `<defs><marker id="${this.arrow}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="#6e7781"/></marker></defs>` +
      `<g class="layer" font-family="Helvetica,Arial,sans-serif" font-size="10"><g></g><g></g><g></g></g>`;
    this.layer = svg.querySelector(".layer");
    this.sheets = [...this.layer.children].map((sheet) => ({ sheet, pieces: [], shown: new Map() }));
    this.scene = { places: new Map(), frames: new Map(), edges: [], size: [0, 0] };
    this.selected = "";
    this.view = { x: 20, y: 20, scale: 1 };
    this.measure();
    new ResizeObserver(() => { this.measure(); this.move(); }).observe(svg);
  }

  /* Asked for only when it changes: to ask makes the browser lay out the page. */
  measure() { this.room = [this.svg.clientWidth, this.svg.clientHeight]; }

  /* Draws a scene. anchor: What was { from } an item is { to } another one, and stays where it was. */
  draw(scene, anchor) {
    const before = anchor && this.placeOf(anchor.from);
    this.scene = scene;
    this.colours.prepare(scene.places.keys());
    const piece = (key, [x, y, width, height], markup) => ({ key, x, y, box: [x, y, x + width, y + height], markup });
    const [frames, edges, boxes] = this.sheets;
    frames.pieces = [...scene.frames].map(([item, place]) => piece(item, place, () => this.frameMarkup(item, place)));
    edges.pieces = scene.edges.map((edge) => {
      const xs = edge.points.map(([x]) => x), ys = edge.points.map(([, y]) => y), [[x, y]] = edge.points;
      const box = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
      return { key: `${edge.source}>${edge.target}>${edge.control}`, x, y, box, markup: () => this.edgeMarkup(edge) };
    });
    boxes.pieces = [...scene.places].map(([item, place]) => piece(item, place, () => this.boxMarkup(item, place)));
    this.whole = frames.pieces.length + edges.pieces.length + boxes.pieces.length <= MOST_WHOLE;
    const after = before && this.placeOf(anchor.to);
    if (after) {
      this.view.x += (before[0] - after[0]) * this.view.scale;
      this.view.y += (before[1] - after[1]) * this.view.scale;
    }
    this.covered = null;
    this.move();
  }

  /* Shows what is in sight, and half as much on each side of it. */
  show() {
    const [left, top, right, bottom] = this.sight(), wide = (right - left) / 2, high = (bottom - top) / 2;
    this.covered = this.whole ? [-Infinity, -Infinity, Infinity, Infinity] : [left - wide, top - high, right + wide, bottom + high];
    const isNear = ({ box }) => box[2] >= this.covered[0] && box[0] <= this.covered[2] && box[3] >= this.covered[1] && box[1] <= this.covered[3];
    for (const sheet of this.sheets) this.fill(sheet, sheet.pieces.filter(isNear));
    this.mark();
  }

  fill({ sheet, shown }, pieces) {
    const made = [], wanted = new Set();
    for (const piece of pieces) {
      piece.text ??= piece.markup();
      wanted.add(piece.key);
      const old = shown.get(piece.key);
      if (!old || old.piece.text !== piece.text) made.push(piece);
    }
    for (const [key, { element }] of shown) {
      if (wanted.has(key)) continue;
      if (element === document.activeElement) this.svg.focus({ preventScroll: true });
      element.remove();
      shown.delete(key);
    }
    const workshop = document.createElementNS("http://www.w3.org/2000/svg", "g");
    workshop.innerHTML = made.map((piece) => piece.text).join("");
    for (const piece of made) {
      const element = workshop.firstElementChild, old = shown.get(piece.key);
      if (old) {
        const focused = old.element === document.activeElement;
        old.element.replaceWith(element);
        if (focused) element.focus({ preventScroll: true });
      } else element.remove();
      shown.set(piece.key, { element, piece: { text: piece.text } });
    }
    let next = sheet.firstElementChild;
    for (const piece of pieces) {
      const { element, piece: old } = shown.get(piece.key);
      if (old.x !== piece.x || old.y !== piece.y) element.setAttribute("transform", `translate(${piece.x.toFixed(1)},${piece.y.toFixed(1)})`);
      if (element === next) next = next.nextElementSibling;
      else sheet.insertBefore(element, next);
      shown.get(piece.key).piece = piece;
    }
  }

  frameMarkup(item, [, , width, height]) {
    const { path, label, chain } = this.scopes.byPath.get(item.slice(2));
    return `<g class="frame" tabindex="0" role="button" aria-expanded="true" data-item="${esc(item)}" aria-label="${esc(`${shorten(path, 300)}: click to close − ${shorten(label)}`)}">` +
      `<title>${esc(shorten(path, 300))}: click to close</title> ` +
      `<rect width="${width.toFixed(1)}" height="${height.toFixed(1)}" rx="6" fill="${chain.length % 2 ? "#eef1f4" : "#f6f8fa"}" stroke="#afb8c1"/>` +
      `<text x="8" y="14" fill="#59636e">− ${esc(shorten(label))}</text></g>`;
  }

  edgeMarkup({ points, control, parts, nth, left, entered, tensors }) {
    const at = points.map(([x, y]) => [x - points[0][0], y - points[0][1]]);
    let path = "M0,0";
    for (let i = 1; i < at.length; i++) {
      const [ax, ay] = at[i - 1], [bx, by] = at[i], half = ((ay + by) / 2).toFixed(1);
      path += `C${ax.toFixed(1)},${half} ${bx.toFixed(1)},${half} ${bx.toFixed(1)},${by.toFixed(1)}`;
    }
    const line = `<path d="${path}" fill="none" stroke="#6e7781"${control ? ' stroke-dasharray="4 3"' : ""} marker-end="url(#${this.arrow})"/>`;
    const [[source, port]] = tensors.values();
    const label = control ? "" : tensors.size > 1 ? `${tensors.size} tensors` : this.scopes.data.nodes[source][3][port] || "";
    if (!label) return `<g class="edge">${line}</g>`;
    const [near, far] = parts ? [at[1], at[0]] : [at[0], at[1]];
    /* above the titles of the frames around the target; below those around the source, one by one */
    const aside = parts ? -20 * entered : 8 * Math.min(nth, 3) + 12 * left;
    const x = 0.84 * near[0] + 0.16 * far[0], y = 0.75 * near[1] + 0.25 * far[1] + 3 + aside;
    return `<g class="edge">${line}<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="middle" font-size="8" fill="#59636e" stroke="#ffffff" stroke-width="2" paint-order="stroke">${esc(label)}</text></g>`;
  }

  boxMarkup(item, [, , width, height]) {
    const fill = this.colours.fill(item), name = shorten(this.scopes.nameOf(item), 300), isNode = item[0] === "n";
    const rect = (shift) => `<rect x="${shift}" y="${shift}" width="${width.toFixed(1)}" height="${height}" rx="5" fill="${fill}" stroke="#6e7781"/>`;
    const lines = this.scopes.linesOf(item).map((line, n) =>
      `<text x="${(width / 2).toFixed(1)}" y="${14 + n * 13}" text-anchor="middle" fill="#1f2328"${n ? "" : ' font-weight="bold"'}>${esc(line)}</text>`);
    return `<g class="box" tabindex="0" role="button" data-item="${esc(item)}" aria-label="${esc([name, ...this.scopes.linesOf(item)].join(" "))}"${item[0] === "s" ? ' aria-expanded="false"' : ""}>` +
      `<title>${esc(name)}</title> ${isNode ? "" : rect(3)}${rect(0)}${lines.join(" ")}</g>`;
  }

  placeOf(item) { return this.scene.places.get(item) || this.scene.frames.get(item); }

  elementOf(item) {
    for (const { shown } of this.sheets) if (shown.has(item)) return shown.get(item).element;
    return null;
  }

  select(item) {
    this.selected = item;
    this.mark();
  }

  mark() {
    for (const box of this.layer.querySelectorAll(".selected")) box.classList.remove("selected");
    const element = this.elementOf(this.selected);
    if (element) element.classList.add("selected");
  }

  focus(item) {
    const element = this.elementOf(item);
    if (element) element.focus({ preventScroll: true });
  }

  /* What of the scene is in sight: left, top, right, bottom. */
  sight() {
    const { x, y, scale } = this.view, [width, height] = this.room;
    return [-x / scale, -y / scale, (width - x) / scale, (height - y) / scale];
  }

  move() {
    const { x, y, scale } = this.view, sight = this.sight(), covered = this.covered;
    this.layer.setAttribute("transform", `translate(${x.toFixed(2)},${y.toFixed(2)}) scale(${scale.toFixed(4)})`);
    this.layer.classList.toggle("far", scale < FAR); /* texts are too small to be read */
    if (!covered || sight[0] < covered[0] || sight[1] < covered[1] || sight[2] > covered[2] || sight[3] > covered[3]) this.show();
  }

  shift(dx, dy) {
    this.view.x += dx;
    this.view.y += dy;
    this.move();
  }

  /* clientX, clientY: The point of the window that stays where it is; the middle if not given. */
  zoom(factor, clientX, clientY) {
    let [px, py] = this.room.map((length) => length / 2);
    if (clientX !== undefined) {
      const { left, top } = this.svg.getBoundingClientRect();
      [px, py] = [clientX - left, clientY - top];
    }
    const scale = Math.min(6, Math.max(0.02, this.view.scale * factor)), share = scale / this.view.scale;
    this.view = { scale, x: px - (px - this.view.x) * share, y: py - (py - this.view.y) * share };
    this.move();
  }

  /* Whether an open scope would hardly be seen beside others, as on a phone. */
  isNarrow() { return this.room[0] < NARROW; }

  /* Brings all of the scene into sight, or an item; what is high, as far as it can be read. */
  fit(item) {
    const [wide, high] = this.room, [left, top, width, height] = this.placeOf(item) || [0, 0, ...this.scene.size];
    if (!width || !wide) return;
    const scale = Math.min(1.4, wide / (width + 20), Math.max(high / (height + 20), 0.75));
    this.view = { scale, x: Math.max(10, (wide - width * scale) / 2) - left * scale, y: 10 - top * scale };
    this.move();
  }

  centre(item) {
    const place = this.placeOf(item), [wide, high] = this.room;
    if (!place) return;
    const scale = Math.max(this.view.scale, 0.8);
    /* of what is larger than the picture, the beginning is in sight */
    const middle = (start, length, room) => Math.max(0, (room - length * scale) / 2) - start * scale;
    this.view = { scale, x: middle(place[0], place[2], wide), y: middle(place[1], place[3], high) };
    this.move();
  }

  /* Brings an item into sight, if its upper left corner is not. */
  follow(item) {
    const place = this.placeOf(item), [left, top, right, bottom] = this.sight();
    if (place && (place[0] < left || place[1] < top || place[0] + Math.min(place[2], 80) > right || place[1] + 20 > bottom)) this.centre(item);
  }
}
Picture.number = 0;
