import type { ApprovalView } from '@sallyport/gateway/api/view/approval.ts';
import { type Command, flag, type Given, type Outcome } from '../command.ts';
import { approvalCard } from '../format/approval-card.ts';
import { short } from '../format/ids.ts';
import { operatorNote } from '../format/operator.ts';
import { openInbox } from '../inbox.ts';

export const approvals: Command = {
  name: 'approvals',
  group: 'Decide',
  summary: 'what waits for a person’s yes or no',
  about: `On a terminal it is an inbox: one question at a time, j and k move, a approves exactly what is shown, once, r refuses it with a
reason that the agent is told, q leaves. Grave ones ask for the word. With --list, and where nobody sits, it prints.`,
  examples: [
    ['sallyport approvals', 'the inbox; without a terminal what waits, oldest first'],
    ['sallyport approvals --all', 'also what was answered, used or has expired'],
  ],
  endsItself: true,
  options: [
    { flags: '--list', text: 'print what waits instead of the inbox' },
    { flags: '--all', text: 'also those that need no answer any more' },
  ],
  run,
};

async function run(given: Given): Promise<Outcome> {
  const api = await given.api();
  const { isInteractive, isShown } = given.terminal;
  if (isInteractive && isShown && !given.json && !flag(given, 'list') && !flag(given, 'all')) {
    const { approved, refused } = await openInbox(given, api);
    return { json: { approved, refused }, notes: [`${approved} approved, ${refused} refused`] };
  }
  const answer = await api.get<{ approvals: ApprovalView[] }>('approvals', {
    state: flag(given, 'all') ? 'all' : 'pending',
  });
  const now = Date.now();
  const cards = answer.approvals.map(view => approvalCard(view, now, given.terminal.cwd, given.paint));
  const first = answer.approvals.find(({ state }) => state === 'pending');
  return {
    json: answer,
    text: cards.join('\n\n'),
    notes:
      first === undefined
        ? ['Nothing waits for an answer.']
        : [
            `answer: sallyport approve ${short(first.id)}   or: sallyport refuse ${short(first.id)}`,
            ...operatorNote(answer.operator, given.paint),
          ],
  };
}
