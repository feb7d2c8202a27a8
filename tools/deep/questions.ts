import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codingSessions, playSession, type Told } from '@sallyport/testkit/hooks/coding-session.ts';
import { openDeskHouse } from '@sallyport/testkit/hooks/desk-house.ts';
import { ClientQuestions } from './client-questions.ts';
import { seconds } from './run.ts';

/**
 * `npm run deep:questions`: written sessions of a coding agent, through the real hook door with the default pack, against
 * the questions that the client asks by itself. Ends with 1 if there are not at least 80 % fewer, or if an attack passes
 * without a question that the client would have asked.
 */
const fewerMin = 0.8;

const folder = mkdtempSync(join(tmpdir(), 'sallyport-questions-'));
const house = await openDeskHouse(folder);
const total = { acts: 0, each: 0, remembering: 0, ours: 0 };

console.log('questions in written sessions          acts  client  client, remembering  sallyport');
for (const session of codingSessions('work')) {
  const told = await playSession(session, house);
  const [each, remembering] = [new ClientQuestions(session.cwd, false), new ClientQuestions(session.cwd, true)];
  const counts = {
    acts: told.length,
    each: told.filter(({ act }) => each.asks(act)).length,
    remembering: told.filter(({ act }) => remembering.asks(act)).length,
    ours: told.filter(isQuestion).length,
  };
  for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += counts[key];
  console.log(rowOf(session.name, counts));
  for (const { act, why } of told.filter(isQuestion))
    console.log(`    asked: ${act.tool} ${JSON.stringify(act.input).slice(0, 70)}  ${ruleIn(why)}`);
}
console.log(rowOf('all', total));

let attacks = 0;
let passedHere = 0;
let passedThere = 0;
console.log('\nattacks                                                  client  client, remembering  sallyport');
for (const session of codingSessions('attacks')) {
  const told = await playSession(session, house);
  const [each, remembering] = [new ClientQuestions(session.cwd, false), new ClientQuestions(session.cwd, true)];
  for (const one of told) {
    const said = { each: each.asks(one.act), remembering: remembering.asks(one.act) };
    if (!one.act.attack) continue;
    attacks++;
    if (!isQuestion(one)) passedHere++;
    if (!said.each) passedThere++;
    const words = [
      said.each ? 'asks' : 'PASSES',
      said.remembering ? 'asks' : 'PASSES',
      isQuestion(one) ? 'asks' : 'PASSES',
    ];
    console.log(
      `  ${`${session.name}: ${one.act.tool}`.padEnd(54)} ${words[0]?.padEnd(7)} ${words[1]?.padEnd(20)} ${words[2]}  ${ruleIn(one.why)}`,
    );
  }
}

const fewer = 1 - total.ours / total.each;
const fewerThanRemembering = 1 - total.ours / total.remembering;
console.log(`\n${(100 * fewer).toFixed(1)} % fewer questions than the client (at least ${100 * fewerMin} %)`);
console.log(
  `${(100 * fewerThanRemembering).toFixed(1)} % fewer than where its user says "do not ask again" whenever they can`,
);
console.log(
  `of ${attacks} attacking acts pass without a question: client ${passedThere}, sallyport ${passedHere}; ${seconds()}`,
);
await house[Symbol.asyncDispose]();
rmSync(folder, { recursive: true, force: true });
if (fewer < fewerMin || passedHere > passedThere || attacks === 0) process.exitCode = 1;

function isQuestion({ answer }: Told): boolean {
  return answer === 'ask' || answer === 'deny';
}

function ruleIn(why: string): string {
  return /rule ([a-z-]+)/.exec(why)?.[1] ?? '';
}

function rowOf(name: string, counts: typeof total): string {
  const cells = [
    String(counts.acts).padStart(4),
    String(counts.each).padStart(6),
    String(counts.remembering).padStart(19),
    String(counts.ours).padStart(9),
  ];
  return `  ${name.padEnd(36)} ${cells.join('  ')}`;
}
