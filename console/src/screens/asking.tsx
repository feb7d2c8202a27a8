import type { ApprovalView } from '@sallyport/gateway/api/view/approval.ts';
import { approvals } from '../data/status.ts';
import { ToolName } from '../parts/marks.tsx';
import { Foreign } from '../parts/text.tsx';

/** How often one rule asked, what people said, and what most of its questions had in common. */
interface Asking {
  readonly rule: string;
  readonly all: readonly ApprovalView[];
  readonly yes: number;
  readonly no: number;
  /** The most frequent agent and tool among its questions. */
  readonly usual: { readonly agent: string; readonly tool: string; readonly count: number; readonly yes: number };
}

const shownMax = 5;
/** Below this nothing can be said about what people usually answer. */
const answersMin = 3;

/** Which rules ask the most, and a narrower one where people always said yes. Decided by nobody but who writes policies. */
export function AskingRules() {
  const rules = askingOf(approvals.value ?? []);
  if (rules.length === 0) return null;
  return (
    <section class="asking">
      <h2>Rules that ask</h2>
      {rules.slice(0, shownMax).map(asking => (
        <One key={asking.rule} asking={asking} />
      ))}
    </section>
  );
}

function One({ asking: { rule, all, yes, no, usual } }: { asking: Asking }) {
  const always = usual.count >= answersMin && usual.yes === usual.count;
  return (
    <article class="asks">
      <p>
        <strong>
          <Foreign text={rule} max={80} />
        </strong>{' '}
        asked {all.length} {all.length === 1 ? 'time' : 'times'}: {yes} yes, {no} no, {all.length - yes - no} without an
        answer.{' '}
        <span class="quiet">
          {usual.count} of them by <Foreign text={usual.agent} max={64} /> for <ToolName tool={usual.tool} />
        </span>
      </p>
      {always ? (
        <details>
          <summary>Always answered with yes: a narrower rule</summary>
          <p class="quiet small">
            It would not ask about these {usual.count} any more, nor about any later one like them. Write it only if a
            call of this kind is fine whatever its arguments; otherwise name the tool in the task, or stand behind the
            value that is the same each time.
          </p>
          <pre class="value">
            <Foreign text={narrower(rule, usual)} max={1_000} />
          </pre>
        </details>
      ) : (
        no > yes && <p class="quiet small">People mostly said no: a rule that forbids would not have to ask.</p>
      )}
    </article>
  );
}

function narrower(rule: string, { agent, tool }: Asking['usual']): string {
  const text = (value: string): string => JSON.stringify(value);
  return `// in ${rule}, beside its other conditions:\nunless { principal == Agent::${text(agent)} && action == Action::${text(tool)} }`;
}

function askingOf(all: readonly ApprovalView[]): Asking[] {
  const byRule = new Map<string, ApprovalView[]>();
  for (const view of all)
    for (const { rule, effect } of view.reasons)
      if (effect !== 'permit') byRule.set(rule, [...(byRule.get(rule) ?? []), view]);
  return [...byRule]
    .map(([rule, views]) => ({
      rule,
      all: views,
      yes: count(views, saidYes),
      no: count(views, saidNo),
      usual: usualOf(views),
    }))
    .sort((a, b) => b.all.length - a.all.length);
}

function usualOf(views: readonly ApprovalView[]): Asking['usual'] {
  const groups = Map.groupBy(views, ({ agent, tool }) => JSON.stringify([agent, tool]));
  const largest = [...groups.values()].sort((a, b) => b.length - a.length)[0] ?? [];
  const { agent = '', tool = '' } = largest[0] ?? {};
  return { agent, tool, count: largest.length, yes: count(largest, saidYes) };
}

function saidYes({ answered, state }: ApprovalView): boolean {
  return answered !== undefined && state !== 'refused';
}

function saidNo({ state }: ApprovalView): boolean {
  return state === 'refused';
}

function count(views: readonly ApprovalView[], is: (view: ApprovalView) => boolean): number {
  return views.filter(is).length;
}
