import { join } from "node:path";
import { shots } from "./browser.mjs";
import { checkPage, checkWidths, hint } from "./check.mjs";
import { checkCounts } from "./counts.mjs";

// Parts of a path that name one of many alike: the id of a record, a group of
// drift by its hash, a rule and a profile by its name.
const oneOfMany = (part, i, parts) => /^[0-9A-HJKMNP-TV-Z]{26}$|^[0-9a-f]{16,}$/.test(part) || (i === 3 && parts[1] === "compliance" && ["rules", "profiles"].includes(parts[2]));

// The kind of a page: its path without what names one of many, and how it is
// shown. null: no page of its own.
function kindOf(href) {
  const u = new URL(href, "http://h");
  const parts = u.pathname.split("/").map((p, i, all) => (oneOfMany(p, i, all) ? "*" : p));
  if (/\.(csv|json|svg)$/.test(u.pathname) || ["static", "logout"].includes(parts[1]) || ["raw", "data"].includes(parts.at(-1))) return null;
  return [parts.join("/"), ...["view", "as"].map((k) => u.searchParams.get(k) ?? "")].join(" ");
}

// Visits a page of every kind that links lead to, from the seeds on. Gives the
// links that it met, the pages it visited and how many numbers it followed.
export async function crawl(browser, app, cookies, theme, say, { seeds = ["/"], mark = "", sizes = [] } = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: theme });
  await context.addCookies(cookies);
  const page = await context.newPage();
  page.on("console", (m) => hint(m) || say(`console on ${page.url()}: ${m.type()}: ${m.text()}`));
  page.on("pageerror", (e) => say(`script on ${page.url()}: ${e.message}`));
  const seen = new Set(seeds);
  const done = new Map(); // kind to the page of it that was visited
  const numbers = new Set();
  const visit = async (path) => {
    const answer = await page.goto(app.base + path, { waitUntil: "load" });
    if (!answer || answer.status() >= 400) say(`${path}: ${answer?.status()}`);
    await page.waitForTimeout(150);
    await checkPage(page, path, theme, say);
    const name = path.replace(/^\//, "").replace(/[^a-z0-9]+/gi, "-").slice(0, 60) || "overview";
    await page.screenshot({ path: join(shots, `${mark}${name}-${theme}.png`), mask: [page.locator("time")] });
    for (const href of await page.$$eval("a[href^='/']", (as) => as.map((a) => a.getAttribute("href")))) seen.add(href.split("#")[0]);
    await checkCounts(page, path, numbers, say);
    await checkWidths(page, path, sizes, say);
  };
  for (;;) {
    const next = [...seen].find((href) => kindOf(href) && !done.has(kindOf(href)));
    if (!next) break;
    done.set(kindOf(next), next);
    await visit(next);
  }
  await context.clearCookies();
  if (cookies.length) await visit("/login");
  await context.close();
  return { links: seen, kinds: [...done], pages: done.size, numbers: numbers.size };
}

// Asks for every link once.
export async function resolveLinks(app, links, cookies, say) {
  const cookie = cookies.map((c) => `${c.name}=${c.value}`).join("; ");
  let n = 0;
  for (const href of links) {
    if (href === "/logout" || n++ > 400) continue;
    const r = await fetch(app.base + href, { headers: { cookie }, redirect: "manual" });
    if (r.status >= 400) say(`the link ${href} answers ${r.status}`);
    await r.arrayBuffer();
  }
  return n;
}
