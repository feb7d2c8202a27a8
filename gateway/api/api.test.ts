import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { Entry } from '@sallyport/core/model/entry.ts';
import { createFakeControl, type FakeControl } from '@sallyport/testkit/fakes/control.ts';
import { theOperator as operator } from '@sallyport/testkit/fakes/the-operator.ts';
import { ids, smallInstallation } from '@sallyport/testkit/fakes/views.ts';
import { type ApiRequest, createApi } from './api.ts';
import type { Caller } from './caller.ts';
import { routes } from './routes.ts';
import { serveApi } from './serve.ts';

const key = 'Bearer spo_key';
const proves = (authorization: string | undefined): Caller | undefined =>
  authorization === key ? operator : undefined;

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly query?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function requestOf({ method, path, query, body, headers }: Sent): ApiRequest {
  return {
    method,
    path,
    query,
    body: async () => new TextEncoder().encode(body ?? ''),
    headers: new Map(Object.entries({ host: '127.0.0.1:7420', authorization: key, ...headers })),
    signal: new AbortController().signal,
  };
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: what a route answers is what these tests look at.
  readonly body: any;
}

async function send(control: FakeControl, sent: Sent): Promise<Answer> {
  const response = await createApi(control, proves)(requestOf(sent));
  assert.ok('body' in response);
  return { ...response, body: JSON.parse(response.body) };
}

const get = (path: string, query?: string): Sent => ({
  method: 'GET',
  path,
  ...(query === undefined ? {} : { query }),
});
const post = (path: string, body?: string): Sent => ({ method: 'POST', path, ...(body === undefined ? {} : { body }) });
const fake = (): FakeControl => createFakeControl(smallInstallation());

/** One request that each route takes. A route without one fails the test below it. */
const goodRequests: Readonly<Record<string, Sent>> = {
  'GET status': get('status'),
  'GET entries': get(
    'entries',
    'limit=2&since=0&until=9&kind=decided,performed&tool=files/read_text_file&answer=permit',
  ),
  'GET entries/:id': get(`entries/${ids.denied}`),
  'GET decisions/:id': get(`decisions/${ids.denied.slice(0, 8)}`),
  'GET tasks': get('tasks', 'state=all&agent=assistant&limit=10'),
  'GET tasks/:id': get(`tasks/${ids.task}`),
  'GET tasks/:id/export': get(`tasks/${ids.task}/export`),
  'POST tasks': post(
    'tasks',
    '{"agent":"assistant","purpose":"p","tools":["files/*"],"destinations":["*.example.org"],"ceiling":"internal","limits":{"callsMax":5,"spendCentsMax":0}}',
  ),
  'POST tasks/:id/end': post(`tasks/${ids.task}/end`, '{"why":"done"}'),
  'POST tasks/:id/hold': post(`tasks/${ids.task}/hold`, '{}'),
  'POST tasks/:id/erase': post(`tasks/${ids.task}/erase`, '{"why":"asked to"}'),
  'POST tasks/:id/suspend': post(`tasks/${ids.task}/suspend`, '{"why":"lunch"}'),
  'POST tasks/:id/narrow': post(`tasks/${ids.task}/narrow`, '{"tools":["files/read_file"]}'),
  'POST tasks/:id/resume': post(`tasks/${ids.task}/resume`),
  'POST tasks/:id/declassify': post(`tasks/${ids.task}/declassify`, '{"to":"internal","why":"read it"}'),
  'POST tasks/:id/renew': post(`tasks/${ids.task}/renew`, '{"access":{"audience":"/mcp/files","seconds":60}}'),
  'GET approvals': get('approvals', 'state=all'),
  'POST approvals/:id': post(`approvals/${ids.approval}`, '{"answer":"approved"}'),
  'POST approvals/:id/endorse': post(`approvals/${ids.approval}/endorse`, '{"what":"value","digest":"x","why":"ours"}'),
  'POST kill': post('kill', '{"scope":"all","why":"drill"}'),
  'POST unkill': post('unkill', '{"scope":"all"}'),
  'GET modes': get('modes'),
  'POST modes': post('modes', '{"scope":"default","mode":"observe"}'),
  'GET tools': get('tools'),
  'GET tools/diff': get('tools/diff'),
  'POST tools/accept': post('tools/accept', '{"tools":[{"tool":"files/x","pin":"p"}]}'),
  'GET policy': get('policy'),
  'GET policy/tests': get('policy/tests'),
  'POST policy/activate': post('policy/activate', '{"digest":"d"}'),
  'POST try': post('try', '{"agent":"assistant","tool":"files/x","input":{"n":1.50}}'),
  'GET can': get('can', 'agent=assistant'),
  'GET findings': get('findings'),
  'GET kinds': get('kinds'),
  'GET agents': get('agents'),
  'POST agents/:id/token': post('agents/assistant/token', '{}'),
  'POST agents/:id/revoke': post('agents/assistant/revoke', '{"token":"k1"}'),
  'GET credentials': get('credentials'),
  'POST credentials/:id/authorize': post('credentials/mail/authorize', '{"principal":"user:emma"}'),
  'GET audit': get('audit'),
  'GET session': get('session'),
  'POST session/link': post('session/link', '{"role":"viewer"}'),
  'POST session/end': post('session/end', '{}'),
  'POST shutdown': post('shutdown'),
};

test('every route answers version 1 and says what the operator proof is worth', async () => {
  assert.deepEqual(Object.keys(goodRequests), Object.keys(routes));
  for (const [route, sent] of Object.entries(goodRequests)) {
    // It goes on for as long as somebody listens.
    if (route === 'POST tasks/:id/hold') continue;
    const answer = await send(fake(), sent);
    assert.ok(answer.status < 300 || (route === 'POST try' && answer.status === 404), `${route}: ${answer.status}`);
    assert.deepEqual([answer.body.v, answer.body.operator], [1, 'advisory: shared uid'], route);
    assert.equal(answer.headers['cache-control'], 'no-store');
  }
});

test('an id that cannot be one is said to be that, and not the route', async () => {
  for (const id of ['x'.repeat(5_000), '%20', 'a%2Fb']) {
    const answer = await send(fake(), get(`tasks/${id}`));
    assert.equal(answer.status, 404);
    assert.deepEqual([answer.body.error.field, answer.body.error.code], ['id', 'not-found']);
    assert.match(answer.body.error.message, /^this is no id: /);
  }
  assert.equal((await send(fake(), get('taks/t_1'))).body.error.field, 'path');
});

test('L-10 E-3 without the operator key no route does or says anything, and all say the same', async () => {
  const unproven = [
    '',
    'Bearer ',
    'Bearer spo_other',
    'Bearer spa_agent',
    'Bearer spt_task',
    'Bearer spe_entry',
    'Basic x',
  ];
  const texts = new Set<string>();
  for (const sent of [...Object.values(goodRequests), get('nothing'), post('status'), post('kill', '{"scope":')]) {
    for (const authorization of unproven) {
      const control = fake();
      const answer = await send(control, { ...sent, headers: { authorization } });
      assert.equal(answer.status, 401, `${sent.method} ${sent.path}`);
      assert.equal(answer.headers['www-authenticate'], 'Bearer');
      assert.deepEqual(control.heard, []);
      texts.add(JSON.stringify(answer.body));
    }
  }
  assert.equal(texts.size, 1);
});

test('E-3 a page of another origin can do nothing, even with the key', async () => {
  for (const origin of [
    'null',
    'http://evil.example',
    'https://127.0.0.1:7420',
    'http://127.0.0.1:7421',
    'http://127.0.0.1:7420.evil.example',
  ]) {
    const control = fake();
    const answer = await send(control, { ...post('kill', '{"scope":"all"}'), headers: { origin } });
    assert.deepEqual([answer.status, answer.body.error.code, control.heard.length], [403, 'origin', 0], origin);
  }
  const own = await send(fake(), { ...get('status'), headers: { origin: 'http://127.0.0.1:7420' } });
  assert.equal(own.status, 200);
});

test('E-3 the proof is a header that no page can have sent for it: neither Origin nor Content-Type stands in for it', async () => {
  const kill = post('kill', '{"scope":"all"}');
  const types = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'image/png'];
  for (const type of types) {
    const control = fake();
    // As a form of any page could send it: a cookie is nothing here, and neither is a key in the address or the body.
    const unproven = { authorization: '', cookie: `key=${key}`, 'content-type': type };
    const answer = await send(control, { ...kill, headers: unproven });
    assert.deepEqual([answer.status, control.heard.length], [401, 0], type);
    const named = await send(control, { ...kill, headers: { 'content-type': type, origin: 'null' } });
    assert.deepEqual([named.status, control.heard.length], [403, 0], type);
    // A program, which has no origin: what it calls its body does not matter, because it is read as strict JSON or not at all.
    const program = await send(control, { ...kill, headers: { 'content-type': type } });
    assert.deepEqual([program.status, control.heard.length], [200, 1], type);
    const form = await send(control, { ...post('kill', 'scope=all'), headers: { 'content-type': type } });
    assert.deepEqual([form.status, control.heard.length], [400, 1], type);
  }
});

test('E-3 what changes something is a POST: no GET, HEAD or other method does it', async () => {
  for (const [route, sent] of Object.entries(goodRequests).filter(([name]) => name.startsWith('POST'))) {
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'post']) {
      const control = fake();
      const answer = await send(control, { ...sent, method });
      if (answer.status === 200 && method === 'GET') assert.ok(routes[`GET ${route.slice(5)}`], route);
      else assert.ok([404, 405].includes(answer.status), `${method} ${route}: ${answer.status}`);
      assert.deepEqual(control.heard, [], `${method} ${route}`);
    }
  }
});

test('a route that is not there, or not with this method, says what there is', async () => {
  const near = await send(fake(), get('taks'));
  assert.equal(near.status, 404);
  assert.match(near.body.error.message, /did you mean tasks/);
  const method = await send(fake(), get('kill'));
  assert.deepEqual([method.status, method.headers.allow], [405, 'POST']);
  for (const path of [
    '',
    '/',
    'status/',
    '//status',
    '../status',
    'tasks/%2e%2e',
    'tasks//end',
    `tasks/${'x'.repeat(65)}`,
  ])
    assert.equal((await send(fake(), get(path))).status, 404, path);
});

test('bodies are strict: each fault names its field, and nothing is done', async () => {
  const bad: [Sent, string, RegExp][] = [
    [post('kill', ''), 'scope', /required/],
    [post('kill', '{"scope":1}'), 'scope', /text/],
    [post('kill', '{"scope":""}'), 'scope', /required/],
    [post('kill', '{"scope":"all","scpoe":"x"}'), 'scpoe', /did you mean scope/],
    [post('kill', '{"scope":"all","scope":"agent:a"}'), 'scope', /twice/],
    [post('kill', '{"scope":"all","\\u0073cope":"agent:a"}'), 'scope', /twice/],
    [post('kill', '{"scope":"all","__proto__":{}}'), '__proto__', /reserved/],
    [post('kill', '{"scope":"all"} {}'), 'body', /after the JSON/],
    [post('kill', '[]'), 'body', /object/],
    [post('kill', '{"scope":"all"'), 'body', /./],
    [post('kill', `{"scope":"all","why":"${'x'.repeat(501)}"}`), 'why', /500/],
    [post('modes', '{"scope":"default","mode":"enforced"}'), 'mode', /did you mean enforce/],
    [post('approvals/ap_1', '{"answer":"yes"}'), 'answer', /approved, refused/],
    [post('tasks', '{"agent":"a","purpose":"p","limits":{"callsMax":0}}'), 'limits.callsMax', /at least 1/],
    [post('tasks', '{"agent":"a","purpose":"p","limits":{"callsMax":1.5}}'), 'limits.callsMax', /whole/],
    [post('tasks', '{"agent":"a","purpose":"p","limits":{"depthMax":-1}}'), 'limits.depthMax', /at least 0/],
    [post('tasks', '{"agent":"a","purpose":"p","ceiling":"secrets"}'), 'ceiling', /did you mean secret/],
    [post('tasks', '{"agent":"a","purpose":"p","limits":{"callMax":1}}'), 'limits.callMax', /did you mean callsMax/],
    [post('tasks', '{"agent":"a","purpose":"p","tools":"x"}'), 'tools', /list/],
    [post('tasks', '{"agent":"a","purpose":"p","tools":[1]}'), 'tools[0]', /text/],
    [post('tools/accept', '{"tools":[]}'), 'tools', /at least one/],
    [post('tools/accept', '{"tools":[{"tool":"x"}]}'), 'tools[0].pin', /required/],
    [post('tools/accept', '{"tools":[{"tool":"x","pin":"p","all":true}]}'), 'tools[0].all', /not known/],
    [post('try', '{"agent":"a","tool":"t","input":{"__entity":{}}}'), 'input.__entity', /reserved/],
    [post('try', '{"agent":"a","tool":"t","input":{"n":9007199254740993}}'), 'input.n', /exactly/],
    [post('try', '{"agent":"a","tool":"t","task":"t_1","untrusted":true}'), 'task', /cannot stand beside/],
    [post('shutdown', '{"now":true}'), 'now', /not known/],
    [get('status', 'x=1'), '?x', /not known/],
    [{ ...post('shutdown'), query: 'dryRun=1' }, '?dryRun', /not known/],
    [get('entries', 'limit=1001'), '?limit', /1000/],
    [get('entries', 'limit=1&limit=2'), '?limit', /twice/],
    [get('entries', 'kind=decide'), '?kind', /did you mean decided/],
    [get('entries', 'answer=yes'), '?answer', /permit, deny, ask/],
    [get('entries', 'follow=true'), '?follow', /0, 1/],
    [get('entries', 'aftr=1'), '?aftr', /did you mean after/],
    [get('entries', 'since=yesterday'), '?since', /whole number/],
    [get('entries', 'until=5&follow=1'), '?until', /follow=1/],
    [get('tasks', 'state=closed'), '?state', /open, ended, all/],
  ];
  for (const [sent, field, message] of bad) {
    const control = fake();
    const answer = await send(control, sent);
    const what = `${sent.method} ${sent.path} ${sent.body ?? sent.query ?? ''}`;
    assert.deepEqual([answer.status, answer.body.error.code], [400, 'malformed'], what);
    assert.equal(answer.body.error.field, field, what);
    assert.match(answer.body.error.message, message, what);
    assert.deepEqual(control.heard, [], what);
  }
});

test('A-20 no route takes anything that could define a process or where to connect to', async () => {
  for (const name of ['command', 'args', 'env', 'cwd', 'url', 'package', 'transport', 'server', 'launch'])
    for (const sent of Object.values(goodRequests).filter(each => each.method === 'POST')) {
      const control = fake();
      const body = { ...JSON.parse(sent.body ?? '{}'), [name]: 'x' };
      const answer = await send(control, { ...sent, body: JSON.stringify(body) });
      assert.deepEqual([answer.status, answer.body.error.field, control.heard.length], [400, name, 0], sent.path);
    }
});

test('what the operator asked for reaches the control as it was asked', async () => {
  const control = fake();
  for (const route of ['POST tasks', 'POST kill', 'POST modes', 'POST tools/accept', 'POST try'])
    await send(control, goodRequests[route] ?? get(''));
  const heard = JSON.parse(JSON.stringify(control.heard)) as [string, ...unknown[]][];
  assert.deepEqual(heard.slice(0, 4), [
    [
      'open',
      {
        kind: 'opened',
        agent: 'assistant',
        purpose: 'p',
        manifest: { tools: ['files/*'], destinations: ['*.example.org'] },
        ceiling: 'internal',
        limits: { callsMax: 5, spendCentsMax: 0 },
      },
    ],
    ['kill', 'all', 'drill'],
    ['mode', 'default', 'observe'],
    ['accept', [{ tool: 'files/x', pin: 'p' }]],
  ]);
  const attempt = control.heard[4]?.[1] as { input: { members: Map<string, { text: string }> } };
  assert.equal(attempt.input.members.get('n')?.text, '1.50', 'number text has to survive');
});

test('F-8 a wider answer is for the task, or for a time that is a whole number of minutes up to a day', async () => {
  const endorse = (minutes: string): Sent =>
    post(`approvals/${ids.approval}/endorse`, `{"what":"tool","why":"ours"${minutes}}`);
  const control = fake();
  for (const minutes of ['', ',"minutes":1', ',"minutes":1440']) await send(control, endorse(minutes));
  assert.deepEqual(
    control.heard.map(([, , , minutes]) => minutes),
    [undefined, 1, 1440],
  );
  for (const minutes of ['0', '-1', '1.5', '1441', '"60"', 'null', '1e9']) {
    const wide = fake();
    const answer = await send(wide, endorse(`,"minutes":${minutes}`));
    assert.deepEqual([answer.status, answer.body.error.field, wide.heard.length], [400, 'minutes', 0], minutes);
  }
});

test('what the control refuses keeps its code, and a throw shows nothing of itself', async () => {
  const missing = await send(fake(), get('decisions/d_nope'));
  assert.deepEqual([missing.status, missing.body.error.code], [404, 'not-found']);
  const broken = { ...fake(), status: () => Promise.reject(new Error('spo_key /etc/secret')) };
  const fault = await send(broken, get('status'));
  assert.deepEqual([fault.status, fault.body.error.code], [500, 'fault']);
  assert.doesNotMatch(JSON.stringify(fault), /secret|spo_/);
});

test('A-8 not a byte of a body is read before its sender has proved to be the operator', async () => {
  for (const headers of [{ authorization: 'Bearer spo_wrong' }, { authorization: key, origin: 'null' }]) {
    let read = false;
    const request = {
      ...requestOf({ ...post('kill', '{"scope":"all"}'), headers }),
      body: async () => {
        read = true;
        return new Uint8Array();
      },
    };
    const answer = await createApi(fake(), proves)(request);
    assert.deepEqual([answer.status, read], [headers.origin === undefined ? 401 : 403, false]);
  }
});

function serve(control: FakeControl): Promise<{ port: number; [Symbol.asyncDispose]: () => Promise<void> }> {
  const handle = serveApi(createApi(control, proves));
  const server = createServer((req, res) => {
    const [path = '', query] = (req.url ?? '').split('?', 2);
    const headers = new Map(Object.entries(req.headers).map(([name, value]) => [name, String(value)]));
    void handle({ method: req.method ?? '', rest: path.slice('/api/v1/'.length), query, headers, req, res });
  });
  return new Promise(resolve => {
    server.listen(0, '127.0.0.1', () =>
      resolve({
        port: (server.address() as AddressInfo).port,
        [Symbol.asyncDispose]: async () => {
          server.closeAllConnections();
          server.close();
          await once(server, 'close');
        },
      }),
    );
  });
}

test('over HTTP: answers, bodies, and a body that is too large is refused', async () => {
  const control = fake();
  await using server = await serve(control);
  const at = (path: string): string => `http://127.0.0.1:${server.port}/api/v1/${path}`;
  const headers = { authorization: key };
  const status = await fetch(at('status'), { headers });
  assert.deepEqual([status.status, status.headers.get('content-type')], [200, 'application/json']);
  const killed = await fetch(at('kill'), { method: 'POST', headers, body: '{"scope":"all"}' });
  assert.equal(killed.status, 200);
  assert.deepEqual(control.heard, [['kill', 'all', '']]);
  const large = await new Promise<number | string>(resolve => {
    const req = httpRequest(at('kill'), { method: 'POST', headers }, res => resolve(res.statusCode ?? 0));
    req.on('error', error => resolve(error.message));
    req.write(Buffer.alloc(1024 * 1024, ' '));
    req.end('{"scope":"all","why":"large"}');
  });
  assert.equal(large, 413);
  assert.equal(control.heard.length, 1);
});

test('over HTTP: a followed journal comes line by line, and ends when the client goes away', async () => {
  const [first, second] = JSON.parse(JSON.stringify(smallInstallation().entries)) as [Entry, Entry];
  let aborted = false;
  let ask = (): void => {};
  const asked = new Promise<void>(resolve => {
    ask = resolve;
  });
  const control: FakeControl = {
    ...fake(),
    follow: async function* (_query, signal) {
      yield first;
      await asked;
      yield second;
      await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }));
      aborted = true;
    },
  };
  await using server = await serve(control);
  const gone = new AbortController();
  const response = await fetch(`http://127.0.0.1:${server.port}/api/v1/entries?follow=1`, {
    headers: { authorization: key },
    signal: gone.signal,
  });
  assert.equal(response.headers.get('content-type'), 'application/x-ndjson');
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  assert.ok(reader);
  const line = async (): Promise<unknown> => JSON.parse((await reader.read()).value ?? '');
  assert.deepEqual(await line(), { v: 1, entry: first });
  ask();
  assert.deepEqual(await line(), { v: 1, entry: second });
  gone.abort();
  while (!aborted) await new Promise(setImmediate);
});
