import { jsonObject } from '@sallyport/testkit/fakes/ports.ts';
import { openNode, said } from '@sallyport/testkit/rooms/node.ts';
import { seconds } from './run.ts';

/**
 * `npm run deep:approvals`: 10,000 questions, a yes to each, and two uses of each yes at the same time through the line. Each
 * yes has to be worth exactly one action (R9, E-2).
 */
const questions = 10_000;
/** One task each: a task has a limit of its own. */
const batch = 20;
const limits = { pendingPerTaskMax: 10_000, pendingPerAgentMax: 10_000, asksPerAgentMinuteMax: 1_000_000 };
let sent = 0;
let performed = 0;
let refused = 0;
let wrong = 0;
for (let from = 0; from < questions; from += batch) {
  const node = openNode({ approvalLimits: limits });
  const inputs = Array.from({ length: batch }, (_, at) => jsonObject(`{"path":"file-${from + at}.txt"}`));
  for (const input of inputs) {
    const asked = await node.call({ input });
    if (asked.kind !== 'refusal' || asked.approval === undefined)
      throw new Error(`not asked: ${JSON.stringify(asked)}`);
    const answer = await node.approvals.answer(asked.approval, said('approved'));
    if (!answer.ok) throw new Error(answer.conflict);
  }
  const pairs = await Promise.all(inputs.map(input => Promise.all([node.call({ input }), node.call({ input })])));
  for (const pair of pairs) {
    const passed = pair.filter(({ kind }) => kind === 'result').length;
    performed += passed;
    refused += pair.length - passed;
    if (passed !== 1) wrong += 1;
  }
  sent += node.sent.length;
}
console.log(
  `${questions} approvals used twice at once: ${performed} performed, ${refused} refused, ${sent} sent upstream, ${wrong} wrong; ${seconds()}`,
);
process.exitCode = wrong === 0 && performed === questions && sent === questions ? 0 : 1;
