import { api } from "./appliance.mjs";

// Drift as people use it: counts are the rows behind them, a group is
// acknowledged and taken back, a revision is approved by keyboard alone.
export async function useDrift(browser, app, cookies, say) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  await context.addCookies(cookies);
  const page = await context.newPage();
  page.on("pageerror", (e) => say(`drift: ${e.message}`));
  page.on("console", (m) => say(`console on drift: ${m.text()}`));
  const rows = async (path, region) => {
    await page.goto(app.base + path);
    const text = await page.locator(`[data-total="${region}"]`).first().textContent({ timeout: 3000 }).catch(() => "0");
    return Number((text ?? "0").replaceAll(",", ""));
  };
  for (const kind of ["startup", "baseline"]) {
    const found = (await api(app.base, cookies, `/drift?kind=${kind}&limit=250`)).items;
    const groups = new Set(found.map((f) => f.group)).size;
    const got = await rows(`/drift?kind=${kind}`, "drift");
    if (!groups || got !== groups) say(`drift, ${kind}: ${got} rows, the API has ${groups} groups`);
    const tab = Number(await page.locator(".tabs-line [aria-current] .count").textContent());
    if (tab !== got) say(`drift, ${kind}: the tab says ${tab}, the list has ${got}`);
    for (const chip of await page.locator("[aria-label='Narrow down'] a").evaluateAll((as) => as.map((a) => [a.getAttribute("href"), a.querySelector("b")?.textContent]))) {
      const n = await rows(chip[0], "drift");
      if (n !== Number(chip[1])) say(`${chip[0]} shows ${n} rows, its chip says ${chip[1]}`);
    }
    const devices = new Set(found.map((f) => f.device)).size;
    const word = kind === "startup" ? "saved:no" : "approved:no";
    const listed = await rows(`/devices?q=${word}`, "devices");
    if (listed !== devices) say(`${word} lists ${listed} devices, ${devices} drift`);
    await page.goto(app.base + "/");
    const href = `/devices?q=${encodeURIComponent(word)}`;
    const count = await page.locator(`.attention li:has(a[href="${href}"])`).first().textContent({ timeout: 3000 }).catch(() => "");
    if (!count.includes(`${devices} device`)) say(`the overview does not say ${devices} devices for ${word}: ${count}`);
  }
  await group(page, app, cookies, say);
  await approve(page, app, cookies, say);
  await context.close();
}

async function group(page, app, cookies, say) {
  await page.goto(`${app.base}/drift?kind=baseline&sort=-devices`);
  const n = Number(await page.locator("[data-rows] tbody tr").first().locator("td").first().textContent());
  if (n < 3) say(`the change that was rolled out is on ${n} devices of its group`);
  await page.locator("[data-rows] tbody th a").first().click();
  await page.waitForURL(/\/drift\/[0-9a-f]+$/);
  const id = page.url().split("/").pop();
  await page.locator("form[action$='/acknowledge'] input[name=comment]").fill("rolled out on purpose");
  await page.keyboard.press("Enter");
  const head = (word) => page.locator(".page-head .pill", { hasText: word }).waitFor({ timeout: 5000 }).catch(() => say(`the page of the group does not say ${word}`));
  await head("acknowledged");
  const after = await api(app.base, cookies, `/drift/${id}`);
  if (after.state !== "acknowledged" || after.members.some((m) => m.by !== "mara.keller" || m.note !== "rolled out on purpose")) say(`the group is ${after.state} after it was acknowledged`);
  if (!(await page.locator(".events").textContent()).includes("mara.keller acknowledged it")) say("the history does not say who acknowledged");
  await page.locator("form[action$='/reopen'] button").click();
  await head("open");
  if ((await api(app.base, cookies, `/drift/${id}`)).state !== "open") say("the acknowledgement was not taken back");
}

async function approve(page, app, cookies, say) {
  const [found] = (await api(app.base, cookies, "/drift?kind=baseline&limit=1")).items;
  const device = (await api(app.base, cookies, `/devices/${found.device}`));
  await page.goto(`${app.base}/configs/${device.running.revision}`);
  await page.keyboard.press("a");
  await page.keyboard.type("as planned");
  await page.keyboard.press("Enter");
  await page.locator("[data-approval] .pill", { hasText: "approved baseline" }).waitFor({ timeout: 5000 }).catch(() => say("approve by keyboard: the revision is not the baseline"));
  const left = (await api(app.base, cookies, `/drift?kind=baseline&device=${found.device}`)).total;
  if (left) say(`${left} differences are left after what runs was approved`);
  const [newest] = await api(app.base, cookies, `/devices/${found.device}/baseline`);
  if (newest.by !== "mara.keller" || newest.comment !== "as planned") say(`the approval is by ${newest.by}: ${newest.comment}`);
}
