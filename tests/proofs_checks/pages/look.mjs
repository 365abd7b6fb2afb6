// Opens pages in headless Chromium as a list of steps says, and prints what was found as JSON.
// usage: node look.mjs CHROMIUM STEPS.json, with playwright-core and axe-core in $ATTNFLOW_NODE_MODULES
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const modules = createRequire(join(process.env.ATTNFLOW_NODE_MODULES, "anchor.js"));
const { chromium } = modules("playwright-core");
const axe = readFileSync(modules.resolve("axe-core/axe.min.js"), "utf8");

const [, , executablePath, list] = process.argv;
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const results = [];

// What a click queues, such as hashchange, is heard by the next frame.
const settled = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));

for (const visit of JSON.parse(readFileSync(list, "utf8"))) {
  const context = await browser.newContext({
    viewport: { width: visit.width ?? 1100, height: visit.height ?? 900 },
    colorScheme: visit.scheme ?? "light",
    javaScriptEnabled: visit.scripts ?? true,
  });
  const page = await context.newPage();
  const asked = [];
  const errors = [];
  page.on("request", (request) => asked.push(request.url()));
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.goto(visit.url);
  if (visit.media) await page.emulateMedia({ media: visit.media });
  const found = { values: [] };
  for (const [action, ...words] of visit.steps ?? []) {
    if (action === "press") for (const key of words) await page.keyboard.press(key);
    else if (action === "type") await page.keyboard.type(words[0]);
    else if (action === "fill") await page.fill(words[0], words[1]);
    else if (action === "click") await page.click(words[0]);
    else if (action === "select") await page.selectOption(words[0], words[1]);
    else if (action === "evaluate") {
      if (visit.scripts ?? true) await settled(page);
      found.values.push(await page.evaluate(words[0]));
    }
    else if (action === "axe") {
      await page.evaluate(axe);
      const run = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
      found.axe = run.violations.map(({ id, impact, nodes }) => ({
        id, impact, count: nodes.length, first: nodes[0].html.slice(0, 300), why: nodes[0].failureSummary,
      }));
    } else if (action === "picture") await page.screenshot({ path: words[0], fullPage: words[1] ?? false });
    else if (action === "pdf") await page.pdf({ path: words[0], format: "A4" });
    else throw new Error(`Expected a known action but got ${action}`);
  }
  results.push({ ...found, asked, errors });
  await context.close();
}
await browser.close();
console.log(JSON.stringify(results));
