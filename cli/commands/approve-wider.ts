import { nearest } from '@sallyport/core/model/nearest.ts';
import type { ApprovalView } from '@sallyport/gateway/api/view/approval.ts';
import { type WiderChoice, widerChoices } from '@sallyport/gateway/api/view/wider.ts';
import type { Answer, Api } from '../api.ts';
import { confirmed, count, flag, type Given, type Option, type Outcome, text } from '../command.ts';
import { CliError, usageError } from '../exit.ts';
import { short } from '../format/ids.ts';
import { operatorNote } from '../format/operator.ts';
import { safeLine } from '../format/safe.ts';
import { didYouMean } from '../given/suggest.ts';

/** A wider answer than the one to a question: standing behind one thing that it is about, for what comes in its task. */

export const widerOptions: readonly Option[] = [
  { flags: '--value <argument>', text: 'stand behind the value of this argument, wherever it stands in a call' },
  { flags: '--source <argument>', text: 'stand behind what this argument came from, whatever it returns' },
  { flags: '--tool', text: 'stand behind the tool, whatever its arguments' },
  { flags: '--minutes <n>', text: 'for so long; left out, until the task ends' },
  { flags: '--why <text>', text: 'why you stand behind it, for the record (required with these)' },
];

export interface Wider {
  readonly what: WiderChoice['what'];
  readonly argument: string;
  readonly minutes: number | undefined;
  readonly why: string;
}

/** Undefined where nothing wider is asked for. */
export function widerIn(given: Given): Wider | undefined {
  const [value, source, why] = ['value', 'source', 'why'].map(name => text(given, name));
  const minutes = count(given, 'minutes');
  const named = [
    ...(value === undefined ? [] : [{ what: 'value' as const, argument: value }]),
    ...(source === undefined ? [] : [{ what: 'source' as const, argument: source }]),
    ...(flag(given, 'tool') ? [{ what: 'tool' as const, argument: '' }] : []),
  ];
  const [one] = named;
  if (one === undefined) {
    if (why === undefined && minutes === undefined) return undefined;
    throw usageError(
      '--why and --minutes belong to a wider answer: name what you stand behind',
      'See --value, --source and --tool.',
    );
  }
  if (named.length > 1) throw usageError('only one of --value, --source and --tool can be given');
  if (why === undefined || why.trim() === '')
    throw usageError('--why is required: it stands in the record', 'For instance: --why "our landlord"');
  return { ...one, minutes, why };
}

export async function standBehind(
  given: Given,
  api: Api,
  { approval, operator }: Answer<{ approval: ApprovalView }>,
  wider: Wider,
): Promise<Outcome> {
  const choice = choiceOf(approval, wider);
  const until = wider.minutes === undefined ? 'until its task ends' : `for ${wider.minutes} min`;
  if (!flag(given, 'yes')) {
    const { terminal, paint } = given;
    for (const note of operatorNote(operator, paint)) terminal.err(`${note}\n`);
    await confirmed(
      given,
      `${safeLine(choice.text)}: ${until}, for actions as grave as this one at most. Stand behind it?`,
    );
  }
  const { what, digest } = choice;
  const { minutes, why } = wider;
  const answer = await api.post<{ approval: ApprovalView }>(`approvals/${encodeURIComponent(approval.id)}/endorse`, {
    ...{ what, why },
    ...(digest === undefined ? {} : { digest }),
    ...(minutes === undefined ? {} : { minutes }),
  });
  return {
    json: answer,
    text: `${safeLine(choice.text)}: stood behind ${until}. The question ${short(approval.id)} itself is still open`,
    notes: operatorNote(answer.operator, given.paint),
  };
}

function choiceOf(approval: ApprovalView, { what, argument }: Wider): WiderChoice {
  const all = widerChoices(approval);
  if (all.length === 0)
    throw new CliError(
      'conflict',
      'this question takes no wider answer: more than one person has to say yes, each time',
      `Say yes to this one: \`sallyport approve ${short(approval.id)}\`.`,
    );
  const offered = all.filter(choice => choice.what === what);
  const found = offered.find(choice => choice.argument === argument);
  if (found !== undefined) return found;
  const names = offered.map(choice => choice.argument);
  const near = nearest(argument, names);
  const fix =
    near !== undefined
      ? didYouMean(near)
      : names.length > 0
        ? `It offers ${names.map(safeLine).join(', ')}.`
        : undefined;
  throw new CliError('not-found', `the question offers no ${what} of ${safeLine(argument)}`, fix);
}

/** How to say it, for whoever reads the card. */
export function widerLines(approval: ApprovalView): string[] {
  return widerChoices(approval).map(({ what, argument, text: said }) => {
    const flags = what === 'tool' ? '--tool' : `--${what} ${JSON.stringify(argument)}`;
    return `  ${safeLine(flags)}  ${safeLine(said)}`;
  });
}
