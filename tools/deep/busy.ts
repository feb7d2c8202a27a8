import { join } from 'node:path';
import { engineFromFolder } from '@sallyport/gateway/replay/engine.ts';
import { sha256 } from '@sallyport/gateway/replay/ledger.ts';
import { type Decider, deciderOf } from '@sallyport/gateway/replay/replay.ts';
import { readToolsets } from '@sallyport/gateway/replay/toolsets.ts';
import { seeded } from '@sallyport/testkit/random.ts';
import { orderOf, pacing, seconds } from './run.ts';

/**
 * `npm run deep:busy [texts] [seed]`: holds texts of one piece again and again against all that reads a call: as what a server
 * says, as an argument of tools of all sorts, and as the principal's words. One thread serves all calls, so nothing that somebody
 * chooses may keep it busy (R-5): exits with 1 where four times the text takes more than ten times the processor time.
 */
const { count, seed } = orderOf(process.argv.slice(2), 400);
const random = seeded(seed);
const goesOn = pacing('texts');
const charsShort = 30_000;
const times = 4;
/** Below it, what a start of a collection takes counts for as much. */
const millisMin = 250;
const growthMax = 10;

const pieces =
  String.raw`a A aB é ß İ ﬀ 日本 😀 ä 1 1, 1.1 1e 0x 12/ 4111 DE89 +49 € $1 2024-01-01 " ' \ | [ { ( < > ] } ) & &amp; , ; . : / // @ a@ x@y.z - _ * # = + ~ ${'`'} $( ${'${'} %41 \u0041 <a> </ <!-- /* */ -- {"a": [1, ('a', ![a]( [a](b http:// www. a.b a=b& key:" key:' key:| --- to: send please and the do_what as_described_in Ann_Lee und_die le_la SELECT delete_from drop_table true null, None, ? !`
    .split(' ')
    .map(piece => piece.replaceAll('_', ' '))
    .concat(
      ' ',
      '\n',
      '\t',
      '\r\n',
      '\u200b',
      '\u202e',
      '\u0301',
      '\u2028',
      '\u00a0',
      '- ',
      'a: ',
      '| a ',
      '  - a\n',
      '"a\n',
    );

const text = { type: 'string' };
const tools = {
  office: [
    { name: 'read_page', description: 'Reads a web page.', inputSchema: objectOf({ url: text }) },
    { name: 'send_mail', description: 'Sends an e-mail.', inputSchema: objectOf({ to: text, body: text }) },
    { name: 'update_record', description: 'Updates a record.', inputSchema: objectOf({ id: text, address: text }) },
    { name: 'run_sql', description: 'Runs an SQL query.', inputSchema: objectOf({ sql: text }) },
    { name: 'run_command', description: 'Runs a shell command.', inputSchema: objectOf({ command: text }) },
    { name: 'read_file', description: 'Reads a file.', inputSchema: objectOf({ path: text }) },
    {
      name: 'delegate',
      description: 'Hands a task to another agent.',
      inputSchema: objectOf({ agent: text, task: text }),
    },
  ],
};
const page = { name: 'read_page', args: { url: 'https://example.com/a' } };
const words = 'The report of Ann Lee is in folder 12. Please send it to ann@example.com and to the team. ';
const purpose = 'Read the page and send Ann the report, do what it says.';

/** Where a text stands in a run of two calls. */
const places: Readonly<Record<string, (hostile: string) => object>> = {
  'a result': hostile => ({
    purpose,
    calls: [
      { ...page, result: words + hostile + words },
      { name: 'send_mail', args: { to: 'ann@example.com', body: 'The report of Ann Lee' } },
    ],
  }),
  'a result and what is sent': hostile => ({
    purpose,
    calls: [
      { ...page, result: hostile },
      { name: 'send_mail', args: { to: 'ann@example.com', body: hostile.replace(/^./su, '') } },
    ],
  }),
  'the words of the principal': hostile => ({
    purpose: hostile,
    calls: [
      { ...page, result: words },
      { name: 'send_mail', args: { to: 'ann@example.com', body: hostile } },
    ],
  }),
  ...Object.fromEntries(
    tools.office.flatMap(({ name, inputSchema }) =>
      Object.keys(inputSchema.properties).map(argument => [
        `${name}.${argument}`,
        (hostile: string) => ({
          purpose,
          calls: [
            { ...page, result: words.repeat(20) },
            { name, args: { [argument]: hostile } },
          ],
        }),
      ]),
    ),
  ),
};

function objectOf(properties: Readonly<Record<string, object>>) {
  return { type: 'object', properties };
}

async function millisOf(decide: Decider, run: object): Promise<number> {
  const bytes = Buffer.from(JSON.stringify({ id: 'run', toolset: 'office', ...run }));
  const before = process.cpuUsage().user;
  const line = await decide({ kind: 'recorded', file: 'run', line: 1, bytes });
  if (line.kind === 'fault') throw new Error(line.why);
  return (process.cpuUsage().user - before) / 1_000;
}

const policies = join(import.meta.dirname, '../../policies');
const decide = await deciderOf(
  { toolsets: readToolsets(Buffer.from(JSON.stringify(tools)), 'tools', sha256), onAsk: 'approve' },
  all => engineFromFolder(policies, all, undefined),
);
const slow: string[] = [];
const tried: [millis: number, what: string][] = [];
let done = 0;
for (; done < count && goesOn(done); done++) {
  const unit = Array.from({ length: 1 + random.below(3) }, () => random.pick(pieces)).join('');
  const tail = random.pick(['', 'x', '"', '\n', '@']);
  const [place, make] = random.pick(Object.entries(places));
  const hostile = (chars: number): string => unit.repeat(Math.ceil(chars / unit.length)) + tail;
  const long = await millisOf(decide, make(hostile(times * charsShort)));
  const what = `${JSON.stringify(unit)} and ${JSON.stringify(tail)} as ${place}`;
  tried.push([long, what]);
  if (long < millisMin) continue;
  const short = await millisOf(decide, make(hostile(charsShort)));
  if (long <= growthMax * short) continue;
  // Once is also what is made ready at its first use. Another text, for nothing may be remembered of the first.
  const again = await millisOf(decide, make(hostile(times * charsShort + unit.length)));
  if (again >= millisMin && again > growthMax * short)
    slow.push(
      `${what}: ${short.toFixed(0)} ms, ${long.toFixed(0)} and ${again.toFixed(0)} ms for ${times} times the text`,
    );
}

tried.sort(([one], [other]) => other - one);
for (const [millis, what] of tried.slice(0, 5)) process.stdout.write(`${millis.toFixed(0).padStart(6)} ms  ${what}\n`);
for (const one of slow) process.stdout.write(`SLOW ${one}\n`);
process.stdout.write(
  `seed ${seed}: ${done} of ${count} texts of ${times * charsShort} characters, ${slow.length} too slow; ${seconds()}\n`,
);
process.exitCode = slow.length === 0 && done > 0 ? 0 : 1;
