import type { Entry } from '@sallyport/core/model/entry.ts';
import { createFakeControl } from '@sallyport/testkit/fakes/control.ts';
import { smallInstallation } from '@sallyport/testkit/fakes/views.ts';
import type { Browser } from 'playwright-core';
import { type FakePage, openFakePage } from './fake-page.ts';

/** What one fresh page took that was given ten thousand decisions. */
export interface PageFigures {
  /** As they went over the wire, compressed: everything but the API's answers. */
  readonly firstLoadBytes: number;
  /** From the address to a page that is live and takes keys. */
  readonly interactiveMillis: number;
  /** Milliseconds between frames while the list is scrolled from end to end and back. */
  readonly frames: readonly number[];
  /** Rows that exist in the page. */
  readonly rows: number;
}

export const rowsInAll = 10_000;

export function openLargePage(): Promise<FakePage> {
  const has = smallInstallation();
  const [first] = has.entries;
  if (first?.kind !== 'decided') throw new Error('the installation has no decision to repeat');
  const entries = Array.from({ length: rowsInAll }, (_, seq): Entry => {
    const id = `d_${String(seq).padStart(26, '0')}` as const;
    return { ...first, seq, at: first.at + seq * 50, id };
  });
  return openFakePage(createFakeControl({ ...has, entries }));
}

/** In a context of its own: nothing is cached from a page before. */
export async function measurePage(browser: Browser, { link }: FakePage): Promise<PageFigures> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  try {
    const page = await context.newPage();
    const sizes: Promise<number>[] = [];
    page.on('response', response => {
      if (!response.url().includes('/api/'))
        sizes.push(
          response
            .request()
            .sizes()
            .then(({ responseBodySize }) => responseBodySize),
        );
    });
    const started = performance.now();
    await page.goto(link);
    await page.locator('.link-live').waitFor();
    const interactiveMillis = performance.now() - started;
    await page.waitForFunction(`document.querySelector('[aria-rowcount="${rowsInAll}"]') !== null`);
    await page.evaluate('document.fonts.ready.then(() => undefined)');
    const scrolled = (await page.evaluate(scroll)) as Pick<PageFigures, 'frames' | 'rows'>;
    const firstLoadBytes = (await Promise.all(sizes)).reduce((sum, bytes) => sum + bytes, 0);
    return { firstLoadBytes, interactiveMillis, ...scrolled };
  } finally {
    await context.close();
  }
}

/** From one end to the other and back in 240 frames: each step is further than a screen, so that every row is drawn anew. */
const scroll = `(async () => {
  const pane = document.querySelector('.pane');
  const steps = 240;
  const frames = [];
  await new Promise(requestAnimationFrame);
  let before = performance.now();
  for (let step = 1; step <= steps; step++) {
    const part = step <= steps / 2 ? step / (steps / 2) : (steps - step) / (steps / 2);
    pane.scrollTop = (pane.scrollHeight - pane.clientHeight) * part;
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    frames.push(now - before);
    before = now;
  }
  return { frames, rows: document.querySelectorAll('.pane .row').length };
})()`;
