import { loadavg } from 'node:os';
import { buildConsole } from 'sallyport/console-build.ts';
import { judge } from '../../bench/bars.ts';
import { quantile } from '../../bench/statistics.ts';
import { findBrowser, openBrowser } from './browser.ts';
import { measurePage, openLargePage, type PageFigures, rowsInAll } from './large-page.ts';

/** `npm run bench:console`: how large the page is, how soon it answers, and how it scrolls ten thousand rows. Five fresh pages. */
const rounds = 5;
const executable = findBrowser();
if (executable === undefined) {
  console.error(
    'No Chromium was found. Install one (Debian: apt-get install chromium), or name it in SALLYPORT_CHROMIUM.',
  );
  process.exit(1);
}
const unbuilt = await buildConsole(() => {});
if (unbuilt !== undefined) throw new Error(unbuilt);
const large = await openLargePage();
const browser = await openBrowser(executable);
try {
  // The browser itself starts once; what it does for its first page is not the console's.
  await measurePage(browser, large);
  const figures: PageFigures[] = [];
  for (let round = 0; round < rounds; round++) figures.push(await measurePage(browser, large));
  const of = (read: (each: PageFigures) => number): number[] => figures.map(read);
  console.log(
    `${rowsInAll} rows, ${figures[0]?.rows} of them in the page; load of the machine ${loadavg()[0]?.toFixed(1)}`,
  );
  judge([
    {
      name: 'first load, compressed',
      unit: 'bytes',
      digits: 0,
      figures: of(each => each.firstLoadBytes),
      atMost: 150_000,
    },
    {
      name: 'live and usable after',
      unit: 'ms',
      digits: 0,
      figures: of(each => each.interactiveMillis),
      atMost: 1_000,
    },
    {
      name: 'frame while scrolling, median',
      unit: 'ms',
      digits: 1,
      figures: of(({ frames }) => quantile(frames, 0.5)),
      atMost: 17.5,
    },
    {
      name: 'frame while scrolling, 95th of 100',
      unit: 'ms',
      digits: 1,
      figures: of(({ frames }) => quantile(frames, 0.95)),
      atMost: 34,
    },
  ]);
} finally {
  await browser.close();
  await large.close();
}
