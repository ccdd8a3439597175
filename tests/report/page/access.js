/* What is wrong for those who hear a page, use keys, or see little contrast: elements without a name, parts that
   only a mouse scrolls, texts that hide in their ground. */
() => {
  const shown = (e) => e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length;
  const name = (e) => (e.getAttribute("aria-label") || (e.labels && [...e.labels].map((l) => l.textContent).join(" "))
    || e.textContent || e.title).trim();
  const all = [...document.querySelectorAll("body *")].filter(shown), wrong = [];
  for (const e of all) {
    if (e.matches("button,select,input,[role=button],a") && !name(e)) wrong.push(["no name", e.outerHTML.slice(0, 90)]);
    if (e.matches("[role=button][aria-label]") && !e.getAttribute("aria-label").includes(e.textContent.trim().replace(/\s+/g, " ")))
      wrong.push(["other name", e.getAttribute("aria-label"), e.textContent]);
    const { overflowX, overflowY } = getComputedStyle(e), scrolls = (o) => o === "auto" || o === "scroll";
    const cut = (scrolls(overflowY) && e.scrollHeight > e.clientHeight) || (scrolls(overflowX) && e.scrollWidth > e.clientWidth);
    if (cut && e.tabIndex < 0 && !e.querySelector("a,button,[tabindex='0']") && !e.matches(".results *"))
      wrong.push(["no keys", e.outerHTML.slice(0, 90)]);
  }
  const numbers = (colour) => colour.match(/[\d.]+/g).map(Number);
  const light = (rgb) => { const [r, g, b] = rgb.map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ground = (e) => { for (; e; e = e.parentElement) {
    const [r, g, b, a = 1] = numbers(getComputedStyle(e).backgroundColor); if (a === 1) return [r, g, b]; } return [255, 255, 255]; };
  for (const e of all) {
    if (e.closest("svg") || ![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
    const style = getComputedStyle(e), [r, g, b] = numbers(style.color), below = ground(e), share = +style.opacity;
    const ink = [r, g, b].map((v, i) => v * share + below[i] * (1 - share));
    const [a, z] = [light(ink), light(below)].sort((x, y) => y - x);
    if ((a + 0.05) / (z + 0.05) < 4.5) wrong.push(["contrast", style.color, String(below), e.outerHTML.slice(0, 90)]);
  }
  return wrong;
}
