import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

// Chromium advises one password a form; a credential has several that are
// saved together.
export const hint = (m) => m.text().startsWith("[DOM] Multiple forms should be contained");

// What must hold on every page: axe, unique ids, no inline style, one h1.
export async function checkPage(page, path, theme, say) {
  await page.evaluate(axe);
  const found = await page.evaluate((only) => window.axe.run(document, { runOnly: only, resultTypes: ["violations"] }).then((r) => r.violations.map((v) => ({ id: v.id, where: v.nodes.slice(0, 3).map((n) => n.target.join(" ") + ": " + n.failureSummary) }))), tags);
  for (const v of found) say(`axe on ${path} (${theme}): ${v.id}: ${v.where.join(" | ")}`);
  const odd = await page.evaluate(() => {
    const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
    return {
      twice: ids.filter((id, i) => ids.indexOf(id) !== i),
      styled: [...document.querySelectorAll("[style]")].map((e) => e.outerHTML.slice(0, 80)),
      h1: document.querySelectorAll("h1").length,
      sideways: document.documentElement.scrollWidth - window.innerWidth,
    };
  });
  if (odd.twice.length) say(`${path}: ids stand twice: ${odd.twice}`);
  if (odd.styled.length) say(`${path}: style=: ${odd.styled}`);
  if (odd.h1 !== 1) say(`${path}: ${odd.h1} h1`);
  if (odd.sideways > 0) say(`${path}: scrolls sideways by ${odd.sideways} px`);
}

// The page that is open, at each width: nothing sticks out sideways.
export async function checkWidths(page, path, sizes, say) {
  const { width: was, height } = page.viewportSize();
  for (const width of sizes) {
    await page.setViewportSize({ width, height });
    const over = await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => {
      const wide = document.documentElement.scrollWidth - window.innerWidth;
      if (wide <= 0) return resolve(null);
      const el = [...document.querySelectorAll("main *")].find((e) => e.getBoundingClientRect().right > window.innerWidth + 1 && !e.closest(".table-box, .diff-scroll, .code, .log, .tabs"));
      return resolve(`${wide} px, first by ${el ? el.tagName + "." + el.className : "?"}`);
    })));
    if (over) say(`${path} at ${width} px scrolls sideways: ${over}`);
  }
  await page.setViewportSize({ width: was, height });
}
