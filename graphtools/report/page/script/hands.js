/* Mouse, fingers and keys on the picture. */
class Hands {
  /* activate: What is called with an item that was clicked or chosen by a key.
     leave: What is called with the item from which Escape leads out.
     find: What is called when a search is to begin. */
  constructor(picture, { activate, leave, find }) {
    this.picture = picture;
    this.activate = activate;
    this.leave = leave;
    this.find = find;
    this.fingers = new Map();
    this.moved = false;
    const { svg } = picture;
    svg.addEventListener("pointerdown", (event) => {
      this.fingers.set(event.pointerId, [event.clientX, event.clientY]);
      this.moved = false;
    });
    svg.addEventListener("pointermove", (event) => this.drag(event));
    for (const kind of ["pointerup", "pointercancel"])
      svg.addEventListener(kind, (event) => { this.fingers.delete(event.pointerId); svg.classList.remove("moving"); });
    svg.addEventListener("wheel", (event) => {
      event.preventDefault();
      picture.zoom(Math.exp(-event.deltaY * 0.0015), event.clientX, event.clientY);
    }, { passive: false });
    svg.addEventListener("click", (event) => {
      const item = itemAt(event);
      if (item && !this.moved) this.activate(item);
    });
    svg.addEventListener("keydown", (event) => { if (!event.ctrlKey && !event.metaKey && !event.altKey && this.key(event)) event.preventDefault(); });
    svg.addEventListener("focusin", (event) => {
      const item = itemAt(event);
      if (!item || !event.target.matches(":focus-visible")) return;
      picture.follow(item);
      event.target.scrollIntoView({ block: "nearest" });
    });
  }

  drag(event) {
    const old = this.fingers.get(event.pointerId), now = [event.clientX, event.clientY];
    if (!old) return;
    const other = [...this.fingers].find(([id]) => id !== event.pointerId);
    if (other) {
      const [x, y] = other[1], before = Math.hypot(old[0] - x, old[1] - y), after = Math.hypot(now[0] - x, now[1] - y);
      if (before > 0 && after > 0) this.picture.zoom(after / before, (now[0] + x) / 2, (now[1] + y) / 2);
      this.moved = true;
    } else {
      const dx = now[0] - old[0], dy = now[1] - old[1];
      if (!this.moved && Math.hypot(dx, dy) < 4) return;
      if (!this.moved) { this.picture.svg.setPointerCapture(event.pointerId); this.picture.svg.classList.add("moving"); }
      this.moved = true;
      this.picture.shift(dx, dy);
    }
    this.fingers.set(event.pointerId, now);
  }

  /* Whether a key meant something. */
  key(event) {
    const item = itemAt(event), step = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
    if (item && (event.key === "Enter" || event.key === " ")) this.activate(item);
    else if (item && event.key === "Escape") this.leave(item);
    else if (step) this.picture.shift(...step);
    else if (event.key === "+" || event.key === "=") this.picture.zoom(1.25);
    else if (event.key === "-") this.picture.zoom(0.8);
    else if (event.key === "0") this.picture.fit();
    else if (event.key === "/") this.find();
    else return false;
    return true;
  }
}

function itemAt(event) {
  const element = event.target.closest("[data-item]");
  return element ? element.dataset.item : "";
}
