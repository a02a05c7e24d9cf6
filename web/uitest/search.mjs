// Search in configurations, health and the audit log of the demo.
export async function checkInside(browser, app, cookies, say) {
  const context = await browser.newContext();
  await context.addCookies(cookies);
  const page = await context.newPage();
  const text = (selector) => page.locator(selector).first().textContent({ timeout: 5000 }).then((t) => t.trim(), () => "");
  const ask = async (q) => {
    await page.goto(app.base + "/search?in=config");
    await page.fill("main input[name=q]", q);
    await page.click("main button[type=submit]");
    await page.waitForLoadState();
  };

  await ask("hostname");
  const literal = Number(/on ([\d,]+) device/.exec(await text("[data-hits]"))?.[1] ?? 0);
  if (!literal || (await page.locator(".evidence mark").count()) < literal) say(`search for a word: "${await text("[data-hits]")}"`);
  await ask("/^(hostname|sysname|set hostname) \\S+/");
  if (!/[1-9]\d* lines? on/.test(await text("[data-hits]"))) say(`search for a pattern: "${await text("[data-hits]")}"`);
  const href = await page.locator(".evidence a.ln").first().getAttribute("href");
  await page.goto(app.base + href);
  if (!(await page.locator(href.slice(href.indexOf("#"))).count())) say(`the line ${href} is not on its page`);
  // The wrong character itself is marked.
  const wrong = await page.request.get(`${app.base}/search?in=config&q=${encodeURIComponent("ntp /a(b/")}`);
  const body = await wrong.text();
  if (wrong.status() !== 422 || !body.includes("at character 7") || !body.includes("<mark>(</mark>b/")) say(`a wrong pattern answers ${wrong.status()} without pointing at it`);

  await page.goto(app.base + "/health");
  for (const line of await page.locator("[data-line]").all()) {
    const level = await line.getAttribute("data-level");
    if (level !== "ok" && level !== "unknown") say(`health of the demo: ${(await line.textContent()).replace(/\s+/g, " ")}`);
  }
  if ((await page.locator("[data-line]").count()) < 10) say("health has too few lines");

  await page.goto(app.base + "/audit");
  await page.click("text=Verify the chain");
  for (let i = 0; i < 50 && !(await text("[data-chain]")).startsWith("Whole"); i++) {
    await page.waitForTimeout(100);
    await page.goto(app.base + "/audit");
  }
  if (!(await text("[data-chain]")).startsWith("Whole")) say(`the chain after its check: "${await text("[data-chain]")}"`);
  await page.goto(app.base + "/audit?verb=login");
  const verbs = await page.$$eval("tbody tr td:nth-child(5)", (cells) => cells.map((c) => c.textContent.trim()));
  if (!verbs.length || verbs.some((v) => !v.startsWith("login"))) say(`the audit log for login. shows ${verbs}`);
  await context.close();
}
