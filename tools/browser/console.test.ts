import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { ApprovalView } from '@sallyport/gateway/api/view/approval.ts';
import type { StatusView } from '@sallyport/gateway/api/view/status.ts';
import type { Browser, Page } from 'playwright-core';
import { wcagFindings } from './axe.ts';
import { findBrowser, openBrowser } from './browser.ts';
import { measurePage, openLargePage } from './large-page.ts';
import { openStage, type Stage } from './stage.ts';
import { playTraffic, type Story } from './traffic.ts';

const executable = findBrowser();
const skip = executable === undefined ? 'no Chromium on this machine' : false;

describe('the console over a real gateway, in a real browser', { skip }, () => {
  let browser: Browser;
  let stage: Stage;
  let story: Story;
  let page: Page;
  const requests: string[] = [];
  before(async () => {
    stage = await openStage();
    browser = await openBrowser(executable ?? '');
    story = await playTraffic(stage);
    page = await signedIn();
    page.on('request', request => requests.push(request.url()));
  });
  after(async () => {
    await browser?.close();
    await stage?.close();
  });

  async function signedIn(role?: string): Promise<Page> {
    const fresh = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
    await fresh.goto(await stage.link(role));
    await fresh.locator('.link-live').waitFor();
    return fresh;
  }

  const pending = async (): Promise<ApprovalView[]> =>
    (await stage.api.get<{ approvals: ApprovalView[] }>('approvals', {})).approvals;

  test('a sign-in link works once, leaves no trace in the address, and nothing on the machine', async () => {
    const link = await stage.link();
    const first = await (await browser.newContext()).newPage();
    await first.goto(link);
    await first.locator('.link-live').waitFor();
    assert.equal(new URL(first.url()).hash, '');
    assert.deepEqual(await first.context().cookies(), []);
    const kept = await first.evaluate('JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])');
    assert.doesNotMatch(String(kept), /sp[a-z]_/);
    const second = await (await browser.newContext()).newPage();
    await second.goto(link);
    await second.locator('text=used already').waitFor();
    await first.reload();
    await first.locator('.door').waitFor();
    for (const each of [first, second]) await each.context().close();
  });

  test('a permalink opens in a new tab of the same browser, and shows what it names', async () => {
    const tab = await page.context().newPage();
    await tab.goto(`${stage.api.url}/why/${story.denied}`);
    await tab.locator('.verdict-deny').waitFor();
    assert.match(await tab.locator('main').innerText(), /no-detour-after-untrusted/);
    await tab.locator('.try-answer .answer').waitFor();
    await tab.close();
  });

  test('E-3 a link in a message spends nothing by being opened: a person has to say so', async () => {
    const visitor = await browser.newPage();
    const posts: string[] = [];
    visitor.on('request', request => {
      if (request.method() !== 'GET') posts.push(request.url());
    });
    try {
      await visitor.goto(`${stage.api.url}/approvals/${story.approval}#spq_${'a'.repeat(43)}`);
      const show = visitor.getByRole('button', { name: 'Show me the question' });
      await show.waitFor();
      assert.equal(new URL(visitor.url()).hash, '', 'it stays in the address');
      assert.deepEqual(posts, []);
      await show.click();
      await visitor.getByRole('alert').waitFor();
      assert.match(await visitor.getByRole('alert').innerText(), /was used already, is too old, or never was/);
      assert.equal(posts.length, 1);
    } finally {
      await visitor.close();
    }
  });

  test('axe finds nothing against WCAG 2.2 AA on any screen, in either theme', async () => {
    const places = [
      '/now',
      '/approvals',
      '/tasks?state=all',
      `/tasks/${story.task}`,
      `/why/${story.denied}`,
      '/agents',
      '/agents?can=agent:assistant',
      '/policy',
      '/settings',
    ];
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const place of places) {
        await go(page, place);
        // Between the themes only colours differ.
        const rules = colorScheme === 'dark' ? ['color-contrast'] : undefined;
        assert.deepEqual(await wcagFindings(page, rules), [], `${place}, ${colorScheme}`);
      }
      await page.locator('.kill').click();
      await page.locator('dialog[open] input').first().waitFor();
      assert.deepEqual(await wcagFindings(page), [], `the way to stop, ${colorScheme}`);
      await page.keyboard.press('Escape');
    }
  });

  test('E-1 the keys answer exactly the question that is shown; a grave one is not one key away', async () => {
    const asker = await stage.actor({ purpose: 'Keep the list of people up to date', tools: ['files/*'] });
    const entity = (name: string) => ({ entities: [{ name, entityType: 'person', observations: [] }] });
    await asker.call('memory/create_entities', entity('Rosa'));
    const question = (await pending()).at(-1);
    assert.ok(question);
    await go(page, `/approvals/${question.id}`);
    await page.locator('.card .arguments :text("Rosa")').waitFor();
    await page.keyboard.press('a');
    assert.ok(
      (await pending()).some(({ id }) => id === question.id),
      'a key meant for an earlier question answered this one',
    );
    await pressUntil(page, 'a', '.card .state-approved');
    const answered = await stage.api.get<{ approvals: ApprovalView[] }>('approvals', { state: 'all' });
    assert.equal(answered.approvals.find(({ id }) => id === question.id)?.state, 'approved');
    const changed = await asker.call('memory/create_entities', entity('Rosa Luz'));
    assert.match(changed, /needs-approval|has to approve/);
    assert.doesNotMatch(await asker.call('memory/create_entities', entity('Rosa')), /Refused/);

    const grave = (await pending()).find(({ tool }) => tool === 'files/move_file');
    assert.ok(grave);
    await go(page, `/approvals/${grave.id}`);
    await page.locator('.card-grave').waitFor();
    const deciding = await page.locator('.card .values .is-deciding').allTextContents();
    assert.match(
      deciding[0] ?? '',
      /^source object ?stopped it.*summary\.md ?was found nowhere: not in user:emma's words/,
    );
    await page.waitForTimeout(500);
    await page.keyboard.press('a');
    assert.match(String(await page.evaluate('document.activeElement.textContent')), /^Approve this once/);
    assert.ok(
      (await pending()).some(({ id }) => id === grave.id),
      'one key approved something grave',
    );
    await asker.close();
  });

  test('a permalink never shows what another names, not even while it is read', async () => {
    await go(page, `/why/${story.denied}`);
    await page.locator('h1:has-text("Denied")').waitFor();
    let release = (): void => {};
    const held = new Promise<void>(resolve => {
      release = resolve;
    });
    await page.route(`**/decisions/${story.asked}`, async route => {
      await held;
      await route.continue();
    });
    await page.evaluate(
      `history.pushState(null, '', '/why/${story.asked}'); dispatchEvent(new PopStateEvent('popstate'))`,
    );
    await page.locator('.blank').waitFor({ state: 'attached', timeout: 2_000 });
    assert.equal(await page.locator('h1:has-text("Denied")').count(), 0);
    release();
    await page.locator('h1:has-text("A person is asked")').waitFor();
    await page.unroute(`**/decisions/${story.asked}`);
  });

  test('a refusal goes back to the agent in the words of who refused', async () => {
    const asker = await stage.actor({ purpose: 'Write to everybody', tools: ['files/*'] });
    const call = () =>
      asker.call('memory/create_relations', { relations: [{ from: 'a', to: 'b', relationType: 'c' }] });
    await call();
    const question = (await pending()).at(-1);
    await go(page, `/approvals/${question?.id}`);
    await page.locator('.card h2 :text("create_relations")').waitFor();
    await page.keyboard.press('r');
    await page.locator('.refusing textarea').fill('Ask Ines first.');
    await page.keyboard.press('Enter');
    await page.locator('.card .state-refused').waitFor();
    assert.match(await call(), /said no: Ask Ines first/);
    await asker.close();
  });

  test('one page says what every agent is doing, for whom and why, and stops one piece of it', async () => {
    await go(page, '/now');
    const line = page.locator('.working li', { hasText: 'researcher' });
    await line.waitFor();
    const told = (await line.innerText()).replace(/\s+/g, ' ');
    assert.match(told, /^researcher for user:emma Find out when the harbour project is reviewed/);
    assert.match(told, /memory\/create_entities refused [\d:]+ 3 calls 1 denied/);
    await line.locator('.stop').click();
    const task = await page.locator('dialog[open] form strong').innerText();
    assert.match(task, /^t_[0-9a-z]{8}$/);
    await page.locator('dialog[open] option[value="all"]').waitFor({ state: 'attached' });
    assert.match(await page.locator('dialog[open] select').inputValue(), new RegExp(`^task:${task}`));
    await page.locator('dialog[open] input').nth(1).fill(task);
    await page.locator('dialog[open] button[type=submit]').click();
    await page.locator('.stopped').waitFor();
    await line.locator('.state-killed').waitFor();
    const { killed } = (await stage.api.get<{ status: StatusView }>('status')).status;
    assert.equal(killed.length, 1);
    assert.match(killed[0]?.scope ?? '', new RegExp(`^task:${task}`));
    await stage.api.post('unkill', { scope: killed[0]?.scope });
    await page.locator('.stopped').waitFor({ state: 'detached' });
  });

  test('a task is a tree: what was handed on stands where it began, and what it read counts above', async () => {
    await go(page, `/tasks/${story.task}`);
    const inner = page.locator('.step-child');
    await inner.locator('.timeline .step-deny').waitFor();
    assert.match(await inner.locator('.step-line').innerText(), /handed to researcher:\s+Find out when/);
    assert.equal(await inner.locator('.timeline .step-permit').count(), 2);
    await inner.locator('.step-line a').click();
    await page.locator('.task-facts :text("Handed over")').waitFor();
    await page.locator(`.task-facts a[href="/tasks/${story.task}"]`).waitFor();
  });

  test('stopping needs the name, acts within a second, and everybody sees it', async () => {
    const viewer = await signedIn('viewer');
    assert.equal(await viewer.locator('.kill').count(), 0, 'a viewer has no such button');
    const asker = await stage.actor({ purpose: 'Read on' });
    await go(page, '/now');
    await page.locator('.kill').click();
    await page.locator('dialog[open] option[value="agent:assistant"]').waitFor({ state: 'attached' });
    await page.locator('dialog[open] select').selectOption('agent:assistant');
    const confirm = page.locator('dialog[open] button[type=submit]');
    await page.locator('dialog[open] input').nth(1).fill('assistan');
    assert.equal(await confirm.isDisabled(), true);
    await page.locator('dialog[open] input').nth(1).fill('assistant');
    const started = performance.now();
    await confirm.click();
    await viewer.locator('.stopped').waitFor();
    const took = Math.round(performance.now() - started);
    assert.equal(await viewer.locator('.stopped button').count(), 0);
    assert.match(await asker.call('memory/read_graph', {}), /An operator has stopped this agent/);
    await asker.close();
    await stage.api.post('unkill', { scope: 'agent:assistant' });
    await page.locator('.stopped').waitFor({ state: 'detached' });
    await viewer.context().close();
    assert.ok(took < 1_000, `it took ${took} ms`);
  });

  test('a lost connection is said, and what happened meanwhile is there afterwards', async () => {
    await go(page, '/now');
    const before = await page.locator('.counts span').first().innerText();
    await page.context().setOffline(true);
    await page.locator('.link-lost').waitFor();
    assert.match(await page.locator('.link-state').innerText(), /Not connected\. This is how it stood at/);
    const asker = await stage.actor({ purpose: 'Meanwhile' });
    await asker.call('memory/read_graph', {});
    await asker.close();
    await page.context().setOffline(false);
    await page.locator('.link-live').waitFor();
    await page.waitForFunction(`document.querySelector('.counts span').innerText !== ${JSON.stringify(before)}`);
  });

  test('nothing but the gateway was asked for anything', () => {
    assert.ok(requests.length > 20);
    assert.deepEqual(
      requests.filter(url => !url.startsWith(stage.api.url)),
      [],
    );
  });

  test('E-3 C-7 a page of another local server can neither frame the console nor call the gateway', async () => {
    const other = await strangerFor(stage.api.url);
    const context = await browser.newContext();
    try {
      const stranger = await context.newPage();
      await stranger.goto(`http://127.0.0.1:${(other.address() as AddressInfo).port}/`);
      await stranger.waitForFunction('globalThis.done === true');
      const told = (await stranger.evaluate('JSON.stringify(globalThis.told)')) as string;
      assert.deepEqual(JSON.parse(told), { read: 'refused', write: 'refused', plain: 'refused' });
      const framed = stranger.frames().find(frame => frame !== stranger.mainFrame());
      assert.equal(
        await framed
          ?.locator('#console')
          .count()
          .catch(() => 0),
        0,
        'the console stood in a frame',
      );
      const { status } = await stage.api.get<{ status: { killed: unknown[] } }>('status');
      assert.deepEqual(status.killed, []);
    } finally {
      await context.close();
      other.close();
    }
  });
});

describe('the console with much in it', { skip }, () => {
  test('10,000 rows: only those in sight exist, scrolling is smooth, and the first page is small and quick', async () => {
    const large = await openLargePage();
    const browser = await openBrowser(executable ?? '');
    try {
      const { frames, rows, firstLoadBytes, interactiveMillis } = await measurePage(browser, large);
      const middle = frames.toSorted((a, b) => a - b)[frames.length / 2] ?? Number.NaN;
      assert.ok(rows < 90, `${rows} rows exist`);
      // Generous: a machine that does other things as well must not fail this. `npm run bench:console` holds the bars.
      assert.ok(middle < 600, `a frame takes ${middle} ms`);
      assert.ok(firstLoadBytes > 30_000 && firstLoadBytes <= 150_000, `the first load is ${firstLoadBytes} bytes`);
      console.log(
        `first load ${firstLoadBytes} bytes, live after ${Math.round(interactiveMillis)} ms, median frame ${middle.toFixed(1)} ms`,
      );
    } finally {
      await browser.close();
      await large.close();
    }
  });
});

async function pressUntil(page: Page, key: string, seen: string): Promise<void> {
  for (let tries = 0; tries < 40; tries++) {
    await page.keyboard.press(key);
    const there = await page
      .locator(seen)
      .waitFor({ timeout: 250 })
      .then(
        () => true,
        () => false,
      );
    if (there) return;
  }
  assert.fail(`${seen} did not come`);
}

async function go(page: Page, place: string): Promise<void> {
  await page.evaluate(
    `history.pushState(null, '', ${JSON.stringify(place)}); dispatchEvent(new PopStateEvent('popstate'))`,
  );
  await page.locator('main h1').first().waitFor();
  await page.locator('.blank').first().waitFor({ state: 'detached' });
}

/** Another program's page on this machine: it tries to read, to stop everything, and to do so without asking first. */
async function strangerFor(gateway: string): Promise<Server> {
  const html = `<!doctype html><iframe src="${gateway}/approvals"></iframe><script>
    const attempt = async (path, init) => { try { const r = await fetch('${gateway}/api/v1/' + path, init); return r.ok ? 'let in' : 'refused'; } catch { return 'refused'; } };
    (async () => {
      globalThis.told = {
        read: await attempt('status', {}),
        write: await attempt('kill', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"scope":"all"}' }),
        plain: await attempt('kill', { method: 'POST', mode: 'no-cors', headers: { 'content-type': 'text/plain' }, body: '{"scope":"all"}' }),
      };
      globalThis.done = true;
    })();
  </script>`;
  const server = createServer((_, res) => void res.writeHead(200, { 'content-type': 'text/html' }).end(html));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return server;
}
