import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { callerOf, type House, openHouse } from '@sallyport/testkit/gateway/house.ts';
import { allSigned } from '@sallyport/testkit/gateway/signed.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { type Checked, checkReceipt } from './check/check.ts';
import { makeReceipt, type Receipt } from './receipt.ts';

/** Decisions of an agent in a chain: `desk` delegates to `lead`, and `lead` to `writer`, who acts. */
const policies = `
@id("all") @reason("all is well") @obligation("result-bytes-max=9000")
permit (principal, action, resource);

@id("desk-may") @obligation("redact-result=secrets")
permit (principal == Agent::"desk", action == Action::"notes/read", resource);

@id("lead-never") @reason("lead may not delete")
forbid (principal == Agent::"lead", action == Action::"notes/remove", resource);

@id("writer-never") @reason("a writer may not burn")
forbid (principal == Agent::"writer", action == Action::"notes/burn", resource);

@id("lead-asks") @reason("what lead hands on is looked at") @approver("night, board") @people("2") @expires("5m")
forbid (principal in AgentClass::"leads", action == Action::"notes/pay", resource)
when { context.input has amount && context.input.amount > 5 && principal.trust < 3 } unless { context.approved };

@id("desk-asks") @reason("desk answers for it") @approver("board")
forbid (principal == Agent::"desk", action == Action::"notes/pay", resource) unless { context.approved };

@id("desk-signs") @reason("desk signs") @approver("operator")
forbid (principal == Agent::"desk", action == Action::"notes/sign", resource) unless { context.approved };
`;

const text = { type: 'object', properties: { text: { type: 'string' }, amount: { type: 'integer' } } };
const tools = ['read', 'remove', 'burn', 'pay', 'sign'].map(name => ({ name, inputSchema: text }));
const agents = `  lead: { principal: "user:emma", classes: [leads], team: canary-5519 }
  desk: { principal: "user:emma" }
approvals: { waitSeconds: 0 }
`;

interface Opened {
  readonly task: { readonly id: string };
  readonly token: string;
}

type Which = 'permit' | 'deny' | 'own' | 'ask' | 'signed' | 'alone';

describe('receipts of what was decided through a chain of delegation', () => {
  const folder = temporaryFolder();
  let house: House;
  let vkey: string;
  const ids = {} as Record<Which, string>;

  before(async () => {
    house = await openHouse(folder.path, { policies, script: { tools }, config: agents });
    const opened = (agent: string, parent?: Opened): Promise<Opened> => {
      const below = parent === undefined ? {} : { parent: parent.task.id };
      return house.ask<Opened>('tasks', { agent, purpose: 'work', segments: ['test'], ...below });
    };
    const bottom = await opened('writer', await opened('lead', await opened('desk')));
    const through = callerOf(`${house.gateway.url}/mcp/notes`, house.token, bottom.token);
    const decided = async (call: House['call'], name: string, args: object): Promise<string> => {
      await call(name, args);
      const { entries } = await house.ask<{ entries: { id: string }[] }>('entries?kind=decided');
      return entries.at(-1)?.id ?? '';
    };
    ids.permit = await decided(through, 'read', { text: 'x' });
    ids.deny = await decided(through, 'remove', { text: 'x' });
    ids.own = await decided(through, 'burn', { text: 'x' });
    await through('sign', { text: 'x' });
    const { approvals } = await house.ask<{ approvals: { id: string }[] }>('approvals');
    await house.ask(`approvals/${approvals[0]?.id}`, { answer: 'approved' });
    ids.signed = await decided(through, 'sign', { text: 'x' });
    ids.ask = await decided(through, 'pay', { text: 'rent', amount: 10 });
    ids.alone = await decided(house.call, 'pay', { text: 'x', amount: 10 });
    await allSigned(house);
    vkey = readFileSync(join(house.stateDir, 'journal', 'vkey'), 'utf8');
  });
  after(async () => {
    await house.gateway.close();
    folder[Symbol.dispose]();
  });

  const receiptOf = (which: Which, fields: readonly string[] = ['needed']): Promise<Receipt> =>
    makeReceipt({ stateDir: house.stateDir, id: ids[which], fields });

  for (const [which, answer, actors] of [
    ['permit', 'permit', ['lead', 'desk']],
    ['deny', 'deny', ['lead', 'desk']],
    ['own', 'deny', ['lead', 'desk']],
    ['signed', 'permit', ['lead', 'desk']],
    ['ask', 'ask', ['lead', 'desk']],
    ['alone', 'permit', []],
  ] as const)
    test(`D-7 an outsider decides the same again: ${which}`, async () => {
      const { text, decision, shown, needed } = await receiptOf(which);
      assert.equal(decision.answer, answer);
      assert.equal(decision.approval !== undefined, which === 'signed');
      assert.deepEqual([shown.includes('actors'), needed.includes('actors')], Array(2).fill(actors.length > 0));
      const checked = checkReceipt(text, vkey);
      assert.ok(checked.ok && checked.again.kind === 'same', JSON.stringify(checked));
      assert.deepEqual(checked.again.actors, actors);
    });

  test('D-7 it says whom the question of all of them goes to, and what all their permits demand', async () => {
    const again = async (which: Which) => {
      const checked = checkReceipt((await receiptOf(which)).text, vkey);
      return checked.ok && checked.again.kind === 'same' ? checked.again.again : undefined;
    };
    assert.deepEqual((await again('ask'))?.approval, {
      ...{ approvers: ['night', 'board'], people: 2, and: [{ approvers: ['board'] }], expiresSeconds: 300 },
    });
    assert.deepEqual(
      (await again('permit'))?.obligations?.map(({ name, value }) => `${name}=${value}`),
      ['result-bytes-max=9000', 'redact-result=secrets'],
    );
  });

  test('D-7 a hidden chain is said to be hidden, and what it decided is never called wrong', async () => {
    for (const which of ['permit', 'deny', 'ask', 'signed'] as const) {
      const { text, hidden } = await receiptOf(which, ['agent', 'arguments']);
      assert.ok(hidden.includes('actors'));
      assert.deepEqual(missingIn(checkReceipt(text, vkey)), ['actors'], which);
      const listless = checkReceipt(
        edited(text, parts => parts, { paths: undefined }),
        vkey,
      );
      assert.ok(!listless.ok && /unknown form/.test(listless.fault), `${which}, and no list of what there is`);
    }
    const own = checkReceipt((await receiptOf('own', ['agent'])).text, vkey);
    assert.equal(own.ok && own.again.kind, 'same', 'what the agent itself may not do needs nobody else');
  });

  test('D-7 a chain that was altered is refused: swapped, shortened, put in another order, made milder, taken from elsewhere', async () => {
    const actors = (change: (actors: Record<string, unknown>[]) => unknown) => (parts: readonly Part[]) =>
      parts.map(part =>
        isNamed(part, 'actors') ? { ...part, value: JSON.stringify(change(JSON.parse(part.value))) } : part,
      );
    const other = partsOf((await receiptOf('permit')).text).find(part => isNamed(part, 'actors')) as Part;
    const attacks: Readonly<Record<string, (parts: readonly Part[]) => readonly Part[]>> = {
      'one is another': actors(([first, ...rest]) => [{ ...first, id: 'writer' }, ...rest]),
      'the first is left out': actors(all => all.slice(1)),
      'the last is left out': actors(all => all.slice(0, -1)),
      'nobody is left': actors(() => []),
      'the other way round': actors(all => all.reverse()),
      'one has other classes': actors(all => all.map(one => ({ ...one, classes: [] }))),
      'one is trusted more': actors(all => all.map(one => ({ ...one, trust: 3 }))),
      'one asked of its own accord': actors(all => all.map(one => ({ ...one, asks: true }))),
      'twice the same': actors(all => [...all, all[0]]),
      'no list at all': actors(() => 'nobody'),
      'the part is gone': parts => parts.filter(part => !isNamed(part, 'actors')),
      'the part stands twice': parts =>
        parts.flatMap((part): Part[] => (isNamed(part, 'actors') ? [part, part] : [part])),
      'the part of another decision': parts => parts.map(part => (isNamed(part, 'actors') ? other : part)),
      'the hash of another decision’s': parts => parts.map(part => (isNamed(part, 'actors') ? hashOf(other) : part)),
      'under another name': parts =>
        parts.map(part => (isNamed(part, 'actors') ? { ...part, path: '["bystanders"]' } : part)),
      'the agent and those behind it change places': parts => {
        const named = (name: string): Shown => parts.find(part => isNamed(part, name)) as Shown;
        const [agent, behind] = [named('agent'), named('actors')];
        return parts.map(part =>
          part === agent ? { ...agent, ...value(behind) } : part === behind ? { ...behind, ...value(agent) } : part,
        );
      },
    };
    for (const which of ['deny', 'ask'] as const) {
      const { text } = await receiptOf(which);
      for (const [what, attack] of Object.entries(attacks)) {
        const changed = edited(text, attack);
        assert.notEqual(changed, text, what);
        const checked = checkReceipt(changed, vkey);
        assert.ok(!checked.ok, `${what}: ${JSON.stringify(checked)}`);
        assert.match(checked.fault, /what is shown of request is not what the record commits to/, what);
      }
    }
  });

  test('D-7 of a chain that is not shown nothing can be learned, not even by whoever guesses it right', async () => {
    const part = partsOf((await receiptOf('ask')).text).find(one => isNamed(one, 'actors')) as Shown;
    assert.ok(part.value.includes('canary-5519'));
    for (const fields of [[], ['agent'], ['agent', 'arguments', 'task', 'flow', 'env', 'risk']]) {
      const { text } = await receiptOf('ask', fields);
      const shown = contentOf(text);
      assert.ok(!shown.includes('canary-5519') && !shown.includes(part.salt));
      const hashes = new Set(shown.match(/[A-Za-z0-9_-]{43}/g));
      const salts = ['', ...new Set(shown.match(/[A-Za-z0-9_-]{22}(?![A-Za-z0-9_-])/g))];
      for (const salt of salts) assert.ok(!hashes.has(hashOf({ ...part, salt })));
      assert.equal(hashes.has(hashOf(part)), fields.length > 0, 'the search would find it');
    }
  });
});

type Salted = { readonly salt: string; readonly value: string };
type Shown = Salted & { readonly path: string };
type Part = string | Shown;

function isNamed(part: Part, name: string): part is Shown {
  return typeof part !== 'string' && part.path === JSON.stringify([name]);
}

function value({ salt, value: said }: Shown): Pick<Shown, 'salt' | 'value'> {
  return { salt, value: said };
}

function hashOf(part: Part): string {
  if (typeof part === 'string') return part;
  return hash('sha256', `${part.salt}${part.value}`, 'base64url');
}

/** What the file holds beyond hashes of the tree. */
function contentOf(text: string): string {
  return Buffer.from(/^extra (.*)$/m.exec(text)?.[1] ?? '', 'base64').toString('utf8');
}

interface Extra {
  readonly bodies: { readonly request: { readonly paths: string; readonly parts: readonly (string | Salted)[] } };
}

/** Each with its path out of the list, which stands beside them in the file. */
function partsOf(text: string): readonly Part[] {
  const { paths, parts } = (JSON.parse(contentOf(text)) as Extra).bodies.request;
  const list = JSON.parse(paths) as unknown[];
  return parts.map((part, at) => (typeof part === 'string' ? part : { ...part, path: JSON.stringify(list[at]) }));
}

/** The file with other parts of the request, the list of paths as the shown ones name theirs. */
function edited(text: string, edit: (parts: readonly Part[]) => readonly Part[], besides = {}): string {
  const extra = JSON.parse(contentOf(text)) as Extra;
  const { paths, parts } = extra.bodies.request;
  const edits = edit(partsOf(text));
  const isRenamed = edits.length === parts.length;
  const list = (JSON.parse(paths) as unknown[]).map((path, at) => {
    const part = edits[at];
    return isRenamed && typeof part === 'object' ? JSON.parse(part.path) : path;
  });
  const request = {
    paths: JSON.stringify(list),
    parts: edits.map(part => (typeof part === 'string' ? part : { salt: part.salt, value: part.value })),
  };
  const changed = { ...extra, bodies: { ...extra.bodies, request: { ...request, ...besides } } };
  return text.replace(/^extra .*$/m, `extra ${Buffer.from(JSON.stringify(changed)).toString('base64')}`);
}

function missingIn(checked: Checked): unknown {
  return checked.ok && checked.again.kind === 'not-asked' ? checked.again.missing : checked;
}
