// What a coding client starts for each of its hooks where no POSIX shell is sure to be: node hook.js STATE-DIR CLIENT tool|prompt
//
// Does what hook.sh does, by the same file of the state directory, and answers alike. It is plain JavaScript on Node's own
// modules, so that whichever Node starts it needs nothing else. Whatever goes wrong before a tool is a refusal: exit 2 with words
// on standard error blocks in every client. A prompt is never blocked: what was not heard grants nothing.
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';

const [stateDir = '', client = '', part = ''] = process.argv.slice(2);

/** The call as `curl --config` has it: a name, and where it takes one a value, in quotes where those are needed. */
function readCall() {
  const lines = readFileSync(join(stateDir, 'hooks', `${client}.${part}.curl`), 'utf8').split('\n');
  const all = lines.flatMap(line => {
    const [, name, value] = /^([a-z-]+) = (.+)$/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, value: value.startsWith('"') ? JSON.parse(value) : value }];
  });
  const one = wanted => all.find(({ name }) => name === wanted)?.value;
  const headers = all.flatMap(({ name, value }) => (name === 'header' ? [/^([^:]+): ?(.*)$/.exec(value)] : []));
  return {
    socketPath: one('unix-socket'),
    path: new URL(one('url')).pathname,
    headers: Object.fromEntries(headers.filter(header => header?.[2]).map(([, name, value]) => [name, value])),
    millisMax: Number(one('max-time')) * 1_000,
  };
}

async function spoken() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function answerTo({ millisMax, ...where }, body) {
  return new Promise((resolve, reject) => {
    const sent = request({ ...where, method: 'POST', agent: false }, async answer => {
      const chunks = [];
      try {
        for await (const chunk of answer) chunks.push(chunk);
        resolve({ status: answer.statusCode, text: Buffer.concat(chunks).toString('utf8').trimEnd() });
      } catch (fault) {
        reject(fault);
      }
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

function giveUp() {
  if (part === 'prompt') {
    process.stdout.write(client === 'cursor' ? '{"continue":true}\n' : '{}\n', () => process.exit(0));
    return;
  }
  const why =
    'Refused: Sallyport gave no answer. Start it with: sallyport up. Take it out of this client with: sallyport unwrap.';
  process.stderr.write(`${why}\n`, () => process.exit(2));
}

try {
  const call = readCall();
  setTimeout(giveUp, call.millisMax);
  const { status, text } = await answerTo(call, await spoken());
  if (status < 400 && text.startsWith('{') && text.endsWith('}'))
    process.stdout.write(`${text}\n`, () => process.exit(0));
  else giveUp();
} catch {
  giveUp();
}
