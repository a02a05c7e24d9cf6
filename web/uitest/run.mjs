// The browser suite: the real binary, empty and with its demo, every page in
// both themes, numbers against the API and the simulator's own truth.
//   node web/uitest/run.mjs            starts bin/plumbline serve, then serve --demo
//   PLUMBLINE_UI_BASE=http://… node …  looks at a server that runs already (no sign-in, no truth)
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch, shots } from "./browser.mjs";
import { crawl, resolveLinks } from "./crawl.mjs";
import { compareTruth } from "./truth.mjs";
import { compareMap } from "./topology.mjs";
import { compareCompliance } from "./compliance.mjs";
import { driveJobs } from "./jobs.mjs";
import { useDrift } from "./drift.mjs";
import { checkInside } from "./search.mjs";
import { useSettings } from "./settings.mjs";
import { newcomer } from "./newcomer.mjs";
import { startBinary, firstAdmin, waitForDemo } from "./appliance.mjs";

const faults = [];
const say = (text) => { faults.push(text); console.log("FAIL", text); };

// look visits every page that an appliance has, in both themes.
async function look(browser, app, cookies, what, options) {
  let pages = 0;
  let numbers = 0;
  const links = new Set();
  for (const theme of ["light", "dark"]) {
    const got = await crawl(browser, app, cookies, theme, say, { ...options, sizes: theme === "light" ? options.sizes : [] });
    pages += got.pages;
    numbers += got.numbers;
    for (const l of got.links) links.add(l);
  }
  const n = await resolveLinks(app, links, cookies, say);
  console.log(`${what}: ${pages} pages (light and dark), ${numbers} numbers followed to their rows, ${n} links`);
}

// An appliance that knows nothing yet. Not every page is linked then.
async function empty(browser, app) {
  const cookies = await firstAdmin(browser, app, say);
  await look(browser, app, cookies, "empty appliance", { mark: "empty-", sizes: [320],
    seeds: ["/", "/search?q=core", "/search/places", "/discovery/candidates", "/topology?as=table"] });
}

async function demo(browser, app) {
  const cookies = await firstAdmin(browser, app, say);
  await waitForDemo(app, cookies, say);
  await compareTruth(browser, app, cookies, say);
  await compareMap(browser, app, cookies, say);
  await compareCompliance(browser, app, cookies, say);
  await useSettings(browser, app, cookies, say);
  await checkInside(browser, app, cookies, say);
  await useDrift(browser, app, cookies, say);
  await driveJobs(browser, app, cookies, say);
  await look(browser, app, cookies, "demo", { seeds: ["/", "/search?q=core"], sizes: [1440, 1280, 1100, 768, 390, 320] });
}

// withFolder runs a suite with a folder of its own.
async function withFolder(suite) {
  const data = await mkdtemp(join(tmpdir(), "plumbline-ui-"));
  try {
    await suite(data);
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}

// withBinary runs a suite against an appliance of its own.
const withBinary = (browser, suite, args) => withFolder(async (data) => {
  const app = await startBinary(data, args);
  try {
    await suite(browser, app);
  } finally {
    await app.stop();
  }
});

async function main() {
  await rm(shots, { recursive: true, force: true });
  await mkdir(shots, { recursive: true });
  const browser = await launch();
  try {
    const fixed = process.env.PLUMBLINE_UI_BASE;
    if (fixed) {
      await look(browser, { base: fixed }, [], "server", { sizes: [1440, 1280, 1100, 768, 390, 320] });
    } else {
      await withBinary(browser, empty, []);
      await withBinary(browser, demo, ["--demo"]);
      await withFolder((data) => newcomer(browser, data, say));
    }
  } finally {
    await browser.close();
  }
  console.log(`browser suite: ${faults.length} faults; pictures in ${shots}`);
  process.exitCode = faults.length ? 1 : 0;
}

await main();
