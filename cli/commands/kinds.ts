import type { KindView } from '@sallyport/gateway/api/view/kind.ts';
import type { Command, Given, Outcome } from '../command.ts';
import { columns } from '../format/columns.ts';
import { counted } from '../format/counted.ts';
import { short } from '../format/ids.ts';
import { safeLine } from '../format/safe.ts';

export const kinds: Command = {
  name: 'kinds',
  args: '[name]',
  group: 'See',
  summary: 'kinds of tasks, and what such tasks did before',
  about: `Where a kind says \`learn: true\` and neither it nor the opener names tools, a new task is expected to use those that earlier
ones used. To settle it yourself, write \`manifest.tools\` into the kind's file; to begin anew, \`learnSince: 2026-12-01\`.`,
  examples: [
    ['sallyport kinds', 'all of them'],
    ['sallyport kinds invoices', 'one, with the tasks that did not count, and why'],
  ],
  run,
};

async function run(given: Given): Promise<Outcome> {
  const api = await given.api();
  const [name] = given.args;
  const answer = await api.get<{ kinds: KindView[] }>('kinds', name === undefined ? {} : { name });
  if (answer.kinds.length === 0) return { json: answer, notes: ['No kind of task stands beside the policies.'] };
  return { json: answer, text: answer.kinds.map(kind => kindText(kind, name !== undefined)).join('\n\n') };
}

function kindText({ name, about, tools, learns, learnsSince, learned }: KindView, whole: boolean): string {
  const since = learnsSince === undefined ? '' : `, of tasks since ${new Date(learnsSince).toISOString().slice(0, 10)}`;
  const from =
    tools !== undefined
      ? `its file says ${tools.join(' ')}`
      : learns
        ? `learned${since}`
        : 'the words of its principal';
  const lines = learned.flatMap(({ agent, ready, tasks, days, principals, tools: used, leftOut }) => {
    const state = ready ? 'enough to go by' : 'too little to go by';
    const rows = used.map(one => [
      `    ${safeLine(one.tool)}`,
      `in ${one.tasks} of ${tasks}`,
      `${counted(one.days, 'day')}, ${counted(one.principals, 'principal')}`,
      one.expected ? 'expected' : 'too seldom',
    ]);
    const out = whole ? leftOut.map(({ task, why }) => `    ${short(task)} does not count: ${why}`) : [];
    const head = `  ${safeLine(agent)}: ${counted(tasks, 'task')} on ${counted(days, 'day')} for ${counted(principals, 'principal')}, ${state}; ${leftOut.length} do not count`;
    return [head, ...(rows.length === 0 ? [] : [columns(rows)]), ...out];
  });
  return [`${safeLine(name)}  ${safeLine(about)}`, `  tools: ${safeLine(from)}`, ...lines].join('\n');
}
