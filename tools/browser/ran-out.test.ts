import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from '@sallyport/core/model/entry.ts';
import { createFakeControl } from '@sallyport/testkit/fakes/control.ts';
import { smallInstallation } from '@sallyport/testkit/fakes/views.ts';
import { buildConsole } from 'sallyport/console-build.ts';
import { findBrowser, openBrowser } from './browser.ts';
import { openFakePage } from './fake-page.ts';

const executable = findBrowser();
const skip = executable === undefined ? 'no Chromium on this machine' : false;

test('a question that runs out waits no longer, though nothing is recorded then', { skip }, async () => {
  assert.equal(await buildConsole(() => {}), undefined);
  const has = smallInstallation();
  const [view] = has.approvals;
  const [, , decided, refused] = has.entries;
  assert.ok(view && decided?.kind === 'decided' && refused?.kind === 'refused');
  const now = Date.now();
  has.status = { ...has.status, now };
  has.entries = [{ ...decided, answer: 'ask' } as Entry, { ...refused, code: 'needs-approval' } as Entry];
  has.approvals = [{ ...view, decision: decided.id, askedAt: now, expiresAt: now + 4_000 }];
  const control = createFakeControl(has);
  const fake = await openFakePage(control);
  const browser = await openBrowser(executable ?? '');
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(10_000);
    await page.goto(fake.link);
    await page.locator('.link-live').waitFor();
    await page.locator('.row .did:text("waiting for a person")').waitFor();
    await page.locator('.count-waits').waitFor();
    control.has.approvals = has.approvals.map(each => ({ ...each, state: 'expired' }));
    control.has.status = { ...has.status, approvals: { pending: 0 } };
    await page.locator('.row .did:text("nobody answered in time")').waitFor();
    await page.locator('.count-waits').waitFor({ state: 'detached' });
  } finally {
    await browser.close();
    await fake.close();
  }
});
