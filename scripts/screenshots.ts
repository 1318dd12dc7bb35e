// `npm run screenshots`: the pictures of the page in docs/images/, as Chromium shows it before the Worker in `wrangler dev`.

import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Browser, type BrowserContextOptions } from "playwright-core";
import { CHROMIUM, CHROMIUM_ARGUMENTS, installChromium } from "../test/tools/chromium.ts";
import { ROOT } from "../test/tools/configuration.ts";
import { startDevServer } from "../test/tools/dev-server.ts";
import { stopAll } from "../test/tools/processes.ts";

const FOLDER = join(ROOT, "docs/images");
const HOST = "mirror.example.com";
const MOST_BYTES = 200_000;

const ROUTES = {
  mirror: "*",
  docker: "https://registry-1.docker.io",
  ghcr: "https://ghcr.io",
  gcr: "https://gcr.io",
  quay: "https://quay.io",
  k8s: "https://registry.k8s.io",
};

const SAMPLE = [
  "FROM golang:1.25 AS build",
  "RUN go build -o /app .",
  "",
  "FROM gcr.io/distroless/static:nonroot",
  "COPY --from=build /app /app",
].join("\n");

const DESK = { viewport: { width: 1280, height: 900 }, colorScheme: "light" } as const;
const PHONE = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 1.5,
  colorScheme: "dark",
} as const;

const PICTURES: readonly [file: string, options: BrowserContextOptions][] = [
  ["page-en.png", { ...DESK, locale: "en" }],
  ["page-zh-CN.png", { ...DESK, locale: "zh-CN" }],
  ["page-phone.png", { ...PHONE, locale: "en" }],
];

async function takePicture(browser: Browser, [file, options]: (typeof PICTURES)[number]): Promise<void> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await page.goto(`http://${HOST}/`);
  await page.locator("#convert-input").fill(SAMPLE);
  // A phone shows either the first words or what the page does.
  if (options.viewport === PHONE.viewport)
    await page
      .locator("main .card")
      .first()
      .evaluate((card) => card.scrollIntoView());
  const path = join(FOLDER, file);
  await page.screenshot({ path });
  await context.close();
  const { size } = statSync(path);
  console.log(`docs/images/${file}  ${Math.ceil(size / 1000)} kB`);
  if (size > MOST_BYTES) throw new Error(`${file} is larger than ${MOST_BYTES} bytes`);
}

async function takeAll(): Promise<void> {
  await installChromium();
  mkdirSync(FOLDER, { recursive: true });
  const worker = await startDevServer("screenshots", { vars: { ROUTES, OPERATOR: "the platform team" } });
  // The page names the host and the port that it is asked for, so that the browser has to ask for the owner's own.
  const rules = `--host-resolver-rules=MAP * 127.0.0.1:${worker.port}`;
  const args = [...CHROMIUM_ARGUMENTS.filter((one) => !one.startsWith("--host-resolver-rules")), rules];
  const browser = await chromium.launch({ executablePath: CHROMIUM, args });
  try {
    for (const picture of PICTURES) await takePicture(browser, picture);
  } finally {
    await browser.close();
    await worker.stop();
  }
}

try {
  await takeAll();
} finally {
  await stopAll();
}
