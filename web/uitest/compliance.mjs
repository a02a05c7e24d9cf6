import { join } from "node:path";
import { shots } from "./browser.mjs";

const number = (text) => Number((text ?? "").replace(/[^0-9]/g, ""));

// The matrix, the page of a rule, a waiver and the printed list: every number
// is the length of the list behind it.
export async function compareCompliance(browser, app, cookies, say) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  await context.addCookies(cookies);
  const page = await context.newPage();
  page.on("pageerror", (e) => say(`compliance: ${e.message}`));
  page.on("console", (m) => say(`console on ${page.url()}: ${m.text()}`));
  const rows = async (href) => {
    const cookie = cookies.map((c) => `${c.name}=${c.value}`).join("; ");
    const url = new URL(href, app.base);
    url.pathname += ".json";
    const answer = await (await fetch(url, { headers: { cookie } })).json();
    return (answer.items ?? answer.rows ?? answer).length;
  };
  await matrix(page, app, rows, say);
  await rule(page, app, say);
  await waiver(page, app, rows, say);
  await print(page, app, say);
  await context.close();
}

async function matrix(page, app, rows, say) {
  await page.goto(app.base + "/compliance");
  const sums = await page.$$eval("tfoot td.cell", (tds) => tds.map((td) => [td.textContent, td.querySelector("a")?.getAttribute("href")]));
  const columns = await page.$$eval("tbody tr", (trs) => trs.map((tr) => [...tr.querySelectorAll("td.cell")].map((td) => td.textContent)));
  for (const [i, [sum, href]] of sums.entries()) {
    const added = columns.reduce((n, row) => n + number(row[i]), 0);
    if (number(sum) !== added) say(`compliance: column ${i} says ${sum}, its cells add up to ${added}`);
    if (href && (await rows(href)) !== number(sum)) say(`compliance: ${href} has ${await rows(href)} rows, the matrix says ${sum}`);
  }
  const cell = page.locator("tbody td.cell a").first();
  const [n, href] = [number(await cell.textContent()), await cell.getAttribute("href")];
  if ((await rows(href)) !== n) say(`compliance: ${href} has ${await rows(href)} rows, its cell says ${n}`);
  await page.locator("a.fold").first().click();
  await page.waitForURL(/open=/);
  if ((await page.locator("tr.site-open + tr th a.link").count()) !== 1) say("compliance: a site does not open into its devices");
  await page.screenshot({ path: join(shots, "compliance-open.png") });
}

async function rule(page, app, say) {
  await page.goto(app.base + "/compliance/rules/ios-no-http-server");
  const ask = async (text) => {
    await page.fill("textarea[name=text]", text);
    await page.getByRole("button", { name: "Ask the rule" }).click();
    return page.locator("[role=status] .pill").textContent();
  };
  const bad = await ask("hostname a\nip http server\n");
  if (!bad.includes("fail")) say(`compliance: a text that breaks the rule is ${bad}`);
  if ((await page.locator("[role=status] a.ln").textContent()) !== "2") say("compliance: the evidence in the pasted text is not on line 2");
  const good = await ask("hostname a\nno ip http server\n");
  if (!good.includes("pass")) say(`compliance: a text that keeps the rule is ${good}`);
}

async function waiver(page, app, rows, say) {
  await page.goto(app.base + "/compliance/results?verdict=fail");
  const failing = await rows("/compliance/results?verdict=fail");
  const id = await page.locator("tbody tr a[href^='/compliance/rules/']").first().textContent();
  const covered = await rows(`/compliance/results?verdict=fail&rule=${id}`);
  await page.goto(app.base + `/compliance/waivers?rule=${id}`);
  await page.fill("input[name=reason]", "replaced with the new core");
  await page.fill("input[name=expires]", new Date(Date.now() + 30 * 86400e3).toISOString().slice(0, 10));
  await page.getByRole("button", { name: "Grant" }).click();
  await page.getByRole("button", { name: "Revoke" }).first().waitFor();
  if ((await rows(`/compliance/results?verdict=waived&rule=${id}`)) !== covered) say(`compliance: a waiver of ${id} does not cover its ${covered} failures`);
  if ((await rows("/compliance/results?verdict=fail")) !== failing - covered) say("compliance: what is waived is still among the failures");
  await page.getByRole("button", { name: "Revoke" }).first().click();
  await page.waitForLoadState();
  if ((await rows("/compliance/results?verdict=fail")) !== failing) say("compliance: what a revoked waiver covered does not fail again");
}

async function print(page, app, say) {
  await page.goto(app.base + "/reports/compliance");
  await page.emulateMedia({ media: "print" });
  for (const hidden of [".side", ".top", ".toolbar-print"]) if (await page.locator(hidden).first().isVisible()) say(`compliance: ${hidden} is printed`);
  for (const title of ["Failing", "Waived", "Not assessed", "Judged configurations"]) if (!(await page.getByRole("heading", { name: title }).first().isVisible())) say(`compliance: the printed list has no ${title}`);
  if (!/[0-9a-f]{64}/.test(await page.locator("article").textContent())) say("compliance: the printed list names no hash of its revisions");
  const pdf = await page.pdf({ path: join(shots, "compliance.pdf"), preferCSSPageSize: true });
  if (pdf.length < 10000) say(`compliance: the printed list is ${pdf.length} bytes`);
  await page.screenshot({ path: join(shots, "compliance-print.png") });
  await page.emulateMedia({ media: "screen" });
}
