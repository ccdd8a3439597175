/* A layered layout, as report/drawing/layered.py does it: the same six steps, which a test holds alike. */
const Layout = (() => {
  const GAP = 16, LAYER_GAP = 38, STAND_IN = 6, SWEEPS = 6, MOVES = 8, MOST_STAND_INS = 6000, WIDEST = 1200;

  /* sizes: Map item -> [width, height]; edges: [[source, target]]. Gives the left upper corner of
     each item, the points each edge passes (by "source>target"), and the size of all. */
  function layOut(sizes, edges) {
    const items = [...sizes.keys()];
    if (!items.length) return { places: new Map(), bends: new Map(), size: [0, 0] };
    const forward = withoutCycles(items, edges);
    const layer = layersOf(items, forward);
    const all = new Map(sizes);
    const chains = standIns(forward, layer, all);
    const links = [];
    for (const chain of chains.values())
      for (let i = 1; i < chain.length; i++) links.push([chain[i - 1], chain[i]]);
    const rows = wrapped(ordered(layer, links), all), rowOf = new Map();
    rows.forEach((row, n) => { for (const item of row) rowOf.set(item, n); });
    const x = across(rows, links, all);
    const tops = [], heights = [];
    let down = 0;
    rows.forEach((row, n) => {
      tops[n] = down;
      heights[n] = Math.max(...row.map((item) => all.get(item)[1]));
      down += heights[n] + LAYER_GAP;
    });
    let left = Infinity, right = -Infinity;
    for (const [item, place] of x) {
      left = Math.min(left, place);
      right = Math.max(right, place + all.get(item)[0]);
    }
    const places = new Map();
    for (const item of items) {
      const n = rowOf.get(item);
      places.set(item, [x.get(item) - left, tops[n] + (heights[n] - sizes.get(item)[1]) / 2]);
    }
    const bends = new Map();
    for (const [source, target] of edges) {
      let key = `${source}>${target}`, turned = false;
      if (!chains.has(key)) { key = `${target}>${source}`; turned = true; }
      const chain = chains.get(key) || [];
      /* upright past the items of each row */
      const points = chain.slice(1, -1).flatMap((item) => {
        const n = rowOf.get(item), across = x.get(item) - left + STAND_IN / 2;
        return [[across, tops[n]], [across, tops[n] + heights[n]]];
      });
      bends.set(`${source}>${target}`, turned ? points.reverse() : points);
    }
    return { places, bends, size: [right - left, down - LAYER_GAP] };
  }

  function withoutCycles(items, edges) {
    const readers = new Map(items.map((item) => [item, []]));
    const targets = new Set(), seen = new Set();
    for (const [source, target] of edges) {
      const key = `${source}>${target}`;
      if (seen.has(key)) continue;
      seen.add(key);
      readers.get(source).push(target);
      targets.add(target);
    }
    const found = new Map(), state = new Map();
    const starts = [...items.filter((item) => !targets.has(item)), ...items];
    for (const start of starts) {
      if (state.has(start)) continue;
      state.set(start, 1);
      const stack = [[start, 0]];
      while (stack.length) {
        const top = stack[stack.length - 1];
        const [item, next] = top;
        const list = readers.get(item);
        if (next === list.length) { state.set(item, 2); stack.pop(); continue; }
        top[1]++;
        const target = list[next];
        const pair = state.get(target) === 1 ? [target, item] : [item, target];
        if (pair[0] !== pair[1]) found.set(`${pair[0]}>${pair[1]}`, pair);
        if (!state.has(target)) { state.set(target, 1); stack.push([target, 0]); }
      }
    }
    return [...found.values()];
  }

  function layersOf(items, edges) {
    const readers = new Map(items.map((item) => [item, []]));
    const waits = new Map(items.map((item) => [item, 0]));
    for (const [source, target] of edges) {
      readers.get(source).push(target);
      waits.set(target, waits.get(target) + 1);
    }
    const sources = new Map(waits);
    const order = items.filter((item) => !waits.get(item));
    const layer = new Map(items.map((item) => [item, 0]));
    for (let i = 0; i < order.length; i++)
      for (const target of readers.get(order[i])) {
        layer.set(target, Math.max(layer.get(target), layer.get(order[i]) + 1));
        waits.set(target, waits.get(target) - 1);
        if (!waits.get(target)) order.push(target);
      }
    for (const item of order.reverse()) {
      const list = readers.get(item);
      if (list.length && sources.get(item) <= list.length)
        layer.set(item, Math.min(...list.map((target) => layer.get(target))) - 1);
    }
    return layer;
  }

  function standIns(edges, layer, sizes) {
    const total = edges.reduce((sum, [a, b]) => sum + layer.get(b) - layer.get(a) - 1, 0);
    const chains = new Map();
    let number = 0;
    for (const [source, target] of edges) {
      const chain = [source];
      for (let level = layer.get(source) + 1; level < layer.get(target) && total <= MOST_STAND_INS; level++) {
        const item = `~${number++}`;
        chain.push(item);
        layer.set(item, level);
        sizes.set(item, [STAND_IN, 0]);
      }
      chain.push(target);
      chains.set(`${source}>${target}`, chain);
    }
    return chains;
  }

  function ordered(layer, links) {
    const rows = [];
    for (const [item, level] of layer) (rows[level] = rows[level] || []).push(item);
    const above = new Map(), below = new Map(), place = new Map();
    for (const item of layer.keys()) { above.set(item, []); below.set(item, []); }
    for (const [source, target] of links) {
      above.get(target).push(source);
      below.get(source).push(target);
    }
    for (const row of rows) row.forEach((item, n) => place.set(item, n));
    for (let sweep = 0; sweep < SWEEPS; sweep++) {
      const near = sweep % 2 ? below : above;
      for (const row of sweep % 2 ? [...rows].reverse() : rows) {
        const mean = new Map();
        for (const item of row) {
          const list = near.get(item);
          mean.set(item, list.length ? list.reduce((sum, n) => sum + place.get(n), 0) / list.length : place.get(item));
        }
        row.sort((a, b) => mean.get(a) - mean.get(b));
        row.forEach((item, n) => place.set(item, n));
      }
    }
    return rows;
  }

  function wrapped(rows, sizes) {
    const found = [];
    for (const row of rows) {
      const total = row.reduce((sum, item) => sum + sizes.get(item)[0] + GAP, 0), widest = total / Math.ceil(total / WIDEST);
      let last = [], width = 0;
      found.push(last);
      for (const item of row) {
        if (last.length && width + sizes.get(item)[0] / 2 > widest) { found.push((last = [])); width = 0; }
        last.push(item);
        width += sizes.get(item)[0] + GAP;
      }
    }
    return found;
  }

  function across(rows, links, sizes) {
    const near = new Map(), x = new Map();
    for (const row of rows) for (const item of row) near.set(item, []);
    for (const [source, target] of links) { near.get(source).push(target); near.get(target).push(source); }
    for (const row of rows) {
      let position = 0;
      for (const item of row) { x.set(item, position); position += sizes.get(item)[0] + GAP; }
      for (const item of row) x.set(item, x.get(item) - position / 2);
    }
    for (let move = 0; move < MOVES; move++)
      for (const row of move % 2 ? [...rows].reverse() : rows) moveRow(row, x, near, sizes);
    return x;
  }

  function moveRow(row, x, near, sizes) {
    const wanted = row.map((item) => {
      const list = near.get(item);
      if (!list.length) return x.get(item);
      const sum = list.reduce((total, n) => total + x.get(n) + sizes.get(n)[0] / 2, 0);
      return sum / list.length - sizes.get(item)[0] / 2;
    });
    const rightward = [], leftward = [];
    let edge = -Infinity;
    row.forEach((item, n) => {
      rightward[n] = Math.max(wanted[n], edge);
      edge = rightward[n] + sizes.get(item)[0] + GAP;
    });
    edge = Infinity;
    for (let n = row.length - 1; n >= 0; n--) {
      leftward[n] = Math.min(wanted[n], edge - sizes.get(row[n])[0]);
      edge = leftward[n] - GAP;
    }
    row.forEach((item, n) => x.set(item, (rightward[n] + leftward[n]) / 2));
  }

  return { layOut };
})();
