import { api } from "./appliance.mjs";

// Jobs and schedules through the browser: make a schedule, see its next runs,
// run it now, cancel, retry.
export async function driveJobs(browser, app, cookies, say) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  await context.addCookies(cookies);
  const page = await context.newPage();
  page.on("pageerror", (e) => say(`jobs: ${e.message}`));
  page.on("console", (m) => { if (!m.text().includes("422")) say(`console on the schedules: ${m.text()}`); });
  await page.goto(app.base + "/schedules");
  if (!(await page.locator("h2", { hasText: "Nightly backup" }).count())) say("schedules: a new appliance has no nightly backup");
  await page.click("a[href='/schedules/new']");
  await page.fill("#name", "browser suite");
  await page.fill("#cron", "30 2 * * *");
  await page.fill("#zone", "Europe/Nowhere");
  await page.click("button:has-text('Make the schedule')");
  if (!(await page.locator("#e-zone").count())) say("schedules: a wrong zone is not told beside its field");
  if ((await page.inputValue("#name")) !== "browser suite") say("schedules: what was typed is lost");
  await page.fill("#zone", "Europe/Berlin");
  await page.click("button:has-text('Make the schedule')");
  await page.waitForURL(/\/schedules\/[0-9A-Z]+$/);
  const id = page.url().split("/").pop();
  const next = await page.locator("[data-next] time").count();
  if (next !== 5) say(`schedules: ${next} next runs are told, want 5`);
  const told = await api(app.base, cookies, `/schedules/${id}`);
  const shown = await page.locator("[data-next] time").first().getAttribute("datetime");
  if (Date.parse(shown) !== Date.parse(told.next[0])) say(`schedules: the page says ${shown}, the API ${told.next[0]}`);

  await page.click("button:has-text('Run now')");
  await page.waitForURL(/\/jobs\/[0-9A-Z]+$/);
  const job = page.url().split("/").pop();
  const asked = await api(app.base, cookies, `/jobs/${job}`);
  if (asked.by !== "mara.keller" || asked.total === 0) say(`jobs: run now made ${JSON.stringify(asked)}`);
  const cancel = page.locator("button:has-text('Cancel')");
  if (await cancel.count()) await cancel.click().catch(() => {}); // it may be over by then
  for (let i = 0; ; i++) {
    const b = await api(app.base, cookies, `/jobs/${job}`);
    const sum = b.waiting + b.retrying + b.running + b.done + b.failed + b.cancelled + b.skipped;
    if (sum !== b.total) say(`jobs: the counts of ${job} give ${sum}, not ${b.total}`);
    if (b.waiting + b.retrying + b.running === 0) break;
    if (i > 300) { say("jobs: what was cancelled does not end"); break; }
    await new Promise((r) => setTimeout(r, 100));
  }
  await page.goto(`${app.base}/jobs/${job}`);
  const rows = Number((await page.locator("[data-total=job]").textContent()).replaceAll(",", ""));
  if (rows !== asked.total) say(`jobs: the page lists ${rows} devices, the API ${asked.total}`);
  const retry = page.locator("[data-retry]");
  if (await retry.count()) {
    const failed = (await api(app.base, cookies, `/jobs/${job}`)).failed;
    await retry.click();
    await page.waitForURL((u) => u.pathname.startsWith("/jobs/") && !u.pathname.endsWith(job));
    const again = await api(app.base, cookies, `/jobs/${page.url().split("/").pop()}`);
    if (again.retry_of !== job || again.total !== failed) say(`jobs: the retry of ${failed} made ${JSON.stringify(again)}`);
  }
  await page.goto(`${app.base}/jobs/${job}`);
  await page.locator("#devices tbody th a").first().click();
  if ((await page.locator("tbody tr").count()) < 1) say("jobs: a device shows no try");
  await page.goto(`${app.base}/schedules/${id}`);
  await page.click("button:has-text('Turn off')");
  if (!(await page.locator(".page-head .pill", { hasText: "off" }).count())) say("schedules: it is not off");
  await page.click("button:has-text('Delete')");
  await page.waitForURL(app.base + "/schedules");
  if (await page.locator("h2", { hasText: "browser suite" }).count()) say("schedules: deleted, and still listed");
  await context.close();
}
