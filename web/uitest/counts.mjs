// Follows each number of a page that is a link (data-count, see web/doc.go) to
// the rows that it counts, once.
export async function checkCounts(page, path, done, say) {
  const fresh = [];
  for (const l of await read(page)) {
    const key = `${l.href} ${l.count}`;
    if (!done.has(key)) fresh.push(l);
    done.add(key);
  }
  const odd = [];
  await atOnce(4, fresh, async (l) => { if (!(await counts(page, l))) odd.push(l); });
  for (const l of odd) {
    // A device may have changed in between: what the page says now must hold.
    await page.reload({ waitUntil: "load" });
    const now = (await read(page)).find((x) => x.href === l.href);
    if (now && !(await counts(page, now))) say(`${path}: ${now.href} is said to be ${now.count} rows, and is not`);
  }
}

const read = (page) => page.$$eval("a[data-count]", (as) => as.map((a) => ({ count: a.dataset.count, href: a.getAttribute("href") })));

async function counts(page, { href, count }) {
  const u = new URL(href, page.url());
  u.pathname += ".json";
  u.hash = "";
  const answer = await page.request.get(u.href);
  if (!answer.ok()) return false;
  const rows = (await answer.json()).length;
  const n = Number(count.replace("+", "").replaceAll(",", ""));
  return count.endsWith("+") ? rows >= n : rows === n;
}

// Does something for each item, for so many at once.
export async function atOnce(n, items, work) {
  const rest = [...items];
  await Promise.all(Array.from({ length: n }, async () => { while (rest.length) await work(rest.shift()); }));
}
