import { nearest } from '@sallyport/core/model/nearest.ts';
import type { ApprovalView } from '@sallyport/gateway/api/view/approval.ts';
import type { Answer, Api } from '../api.ts';
import { arg, type Command, confirmed, flag, type Given, type Outcome, text, yesOption } from '../command.ts';
import { CliError } from '../exit.ts';
import { approvalCard, waitsForMore, yesesOf } from '../format/approval-card.ts';
import { short } from '../format/ids.ts';
import { operatorNote } from '../format/operator.ts';
import { isShownWhole } from '../format/request.ts';
import { duration } from '../format/time.ts';
import { didYouMean, withSuggestion } from '../given/suggest.ts';
import { standBehind, widerIn, widerLines, widerOptions } from './approve-wider.ts';

export const approve: Command = {
  name: 'approve',
  group: 'Decide',
  args: '<id>',
  summary: 'say yes to one exact action, once',
  about: `Permits exactly the action that was asked about: this agent, task, tool, arguments and policies, once, until it expires.
When the agent tries again, the action is decided again in full with this yes as a fact.

A wider answer is another thing: with \`--value\`, \`--source\` or \`--tool\` you stand behind one thing that the question is about, for what comes
in its task. The question itself stays open.`,
  examples: [
    ['sallyport approve ap_1d9kq0zz', 'shows the card and asks'],
    ['sallyport approve ap_1d9kq0zz --yes', 'without asking'],
    ['sallyport approve ap_1d9kq0zz --value recipient --minutes 60 --why "our landlord"', 'the value, for an hour'],
  ],
  options: [yesOption, ...widerOptions],
  run: approveOrEndorse,
};

export const refuse: Command = {
  name: 'refuse',
  group: 'Decide',
  args: '<id>',
  summary: 'say no to it',
  about: 'The same action is refused without asking again until the request would have expired.',
  examples: [
    ['sallyport refuse ap_1d9kq0zz', 'the agent is told that a person refused'],
    ['sallyport refuse ap_1d9kq0zz --why "not before Monday"', 'and why'],
  ],
  options: [{ flags: '--why <text>', text: 'what the agent is told' }],
  run: given => answerWith(given, 'refused'),
};

async function approveOrEndorse(given: Given): Promise<Outcome> {
  const wider = widerIn(given);
  if (wider === undefined) return answerWith(given, 'approved');
  const api = await given.api();
  return standBehind(given, api, await findApproval(api, arg(given, 0)), wider);
}

async function answerWith(given: Given, word: 'approved' | 'refused'): Promise<Outcome> {
  const api = await given.api();
  const typed = arg(given, 0);
  const found = word === 'approved' ? await findApproval(api, typed) : undefined;
  // Whoever is shown a card is asked something: one that is answered already is only told so, by the gateway.
  if (found?.approval.state === 'pending' && !flag(given, 'yes')) {
    const { terminal, paint } = given;
    terminal.err(`${approvalCard(found.approval, Date.now(), terminal.cwd, paint)}\n\n`);
    const wider = widerLines(found.approval);
    if (wider.length > 0) terminal.err(`${paint.bold('a wider answer instead')}\n${wider.join('\n')}\n\n`);
    for (const note of operatorNote(found.operator, paint)) terminal.err(`${note}\n`);
    const { arguments: params = '' } = found.approval;
    await confirmed(given, `${isShownWhole(params) ? '' : 'Not all of it is shown above. '}Permit this, once?`);
  }
  const why = text(given, 'why');
  const answer = await withSuggestion(
    api.post<{ approval: ApprovalView }>(`approvals/${encodeURIComponent(found?.approval.id ?? typed)}`, {
      answer: word,
      ...(why === undefined ? {} : { why }),
    }),
    typed,
    () => approvalIds(api),
    'What waits is listed by `sallyport approvals`.',
  );
  const { approval } = answer;
  return {
    json: answer,
    text: `${short(approval.id)} ${outcomeOf(approval, word)}`,
    notes: operatorNote(answer.operator, given.paint),
  };
}

/** Where several people have to say yes the first of them only counts. */
function outcomeOf(approval: ApprovalView, word: 'approved' | 'refused'): string {
  const left = duration(approval.expiresAt - Date.now());
  if (waitsForMore(approval))
    return `not approved yet: ${approval.tool}; ${yesesOf(approval)}, and the next has ${left}`;
  return `${word}: ${approval.tool}${word === 'approved' ? `; the agent has ${left} to try again` : ''}`;
}

/** What is shown is what is answered: the id is made whole before the person says yes. */
async function findApproval(api: Api, typed: string): Promise<Answer<{ approval: ApprovalView }>> {
  const { approvals, ...rest } = await api.get<{ approvals: ApprovalView[] }>('approvals', { state: 'all' });
  const found = approvals.filter(({ id }) => id.startsWith(typed));
  const [only] = found;
  if (only !== undefined && found.length === 1) return { ...rest, approval: only };
  if (found.length > 1)
    throw new CliError('ambiguous', `${typed} names ${found.length} approvals`, 'Give more of the id.');
  const near = nearest(
    typed,
    approvals.flatMap(({ id }) => [id, short(id)]),
  );
  throw new CliError(
    'not-found',
    `there is no approval ${typed}`,
    near === undefined ? 'What waits is listed by `sallyport approvals`.' : didYouMean(near),
  );
}

async function approvalIds(api: Api): Promise<string[]> {
  const { approvals } = await api.get<{ approvals: ApprovalView[] }>('approvals', { state: 'all' });
  return approvals.flatMap(({ id }) => [id, short(id)]);
}
