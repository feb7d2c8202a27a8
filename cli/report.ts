import type { Entry } from '@sallyport/core/model/entry.ts';
import { type ActionClass, actionClasses } from '@sallyport/core/model/tool.ts';
import type { Api } from './api.ts';

/** What policy decided in a time: what it did where it was enforced, and what it would have done elsewhere. */
export interface Report {
  readonly from: number;
  readonly to: number;
  /** What policy said: where it was enforced, it was done. */
  readonly calls: number;
  readonly permitted: number;
  readonly asked: number;
  readonly refused: number;
  /** Of these, what enforcing did. */
  readonly enforced: Counts;
  /** Calls that their clients performed although they had been turned away. */
  readonly overruled: { readonly asked: number; readonly refused: number };
  readonly tools: readonly ToolRow[];
  readonly rules: readonly RuleRow[];
  /** Scopes that could be enforced, those that would ask least first. */
  readonly suggested: readonly Suggestion[];
}

export interface Counts {
  readonly calls: number;
  readonly permitted: number;
  readonly asked: number;
  readonly refused: number;
}

export interface ToolRow extends Counts {
  readonly agent: string;
  readonly tool: string;
}

export interface RuleRow {
  readonly rule: string;
  readonly why: string;
  readonly count: number;
  readonly agents: readonly string[];
  readonly tools: readonly string[];
  /** The newest decision that it made, for `sallyport why`. */
  readonly decision: string;
}

/** Enforcing this alone would have asked so often, in a time in which it was called so often. */
export interface Suggestion extends Counts {
  readonly scope: string;
  readonly command: string;
}

type Decided = Entry & { readonly kind: 'decided' };

const pageMax = 1_000;
const entriesMax = 200_000;
/** Acts of these classes cannot be taken back, or give something away: what is enforced first. */
const gravest: readonly ActionClass[] = ['money', 'admin', 'destructive', 'message', 'egress', 'code'];

/** Reads the record since `from`, the newest `entriesMax` decisions at most. */
export async function readReport(api: Api, from: number, agent: string | undefined): Promise<Report> {
  const decided: Decided[] = [];
  const overruled = { asked: 0, refused: 0 };
  for (let after = -1; decided.length < entriesMax; ) {
    const query = { kind: 'decided,overruled', after, limit: pageMax, agent };
    const { entries } = await api.get<{ entries: Entry[] }>('entries', query);
    for (const entry of entries) {
      if (entry.at < from) continue;
      if (entry.kind === 'decided') decided.push(entry);
      if (entry.kind === 'overruled') overruled[entry.over]++;
    }
    const last = entries.at(-1);
    if (last === undefined || entries.length < pageMax) break;
    after = last.seq;
  }
  return reportOf(decided, overruled, from);
}

export function reportOf(decided: readonly Decided[], overruled: Report['overruled'], from: number): Report {
  const tools = Map.groupBy(decided, ({ agent, action }) => `${agent} ${action.server}/${action.tool}`);
  return {
    from: Math.max(from, decided[0]?.at ?? from),
    to: decided.at(-1)?.at ?? from,
    ...countsOf(decided),
    enforced: countsOf(decided.filter(({ mode }) => mode === 'enforce')),
    overruled,
    tools: [...tools]
      .map(([key, entries]) => {
        const [agent = '', tool = ''] = key.split(' ');
        return { agent, tool, ...countsOf(entries) };
      })
      .sort((a, b) => b.refused - a.refused || b.asked - a.asked || b.calls - a.calls),
    rules: rulesOf(decided),
    suggested: suggestions(decided),
  };
}

function countsOf(entries: readonly Decided[]): Counts {
  const of = (answer: Decided['answer']): number => entries.filter(each => each.answer === answer).length;
  return { calls: entries.length, permitted: of('permit'), asked: of('ask'), refused: of('deny') };
}

/** The rules that made a difference, or would have, by the reason that stands first. */
function rulesOf(decided: readonly Decided[]): RuleRow[] {
  const stopped = decided.filter(({ answer }) => answer !== 'permit');
  return [...Map.groupBy(stopped, ({ reasons }) => reasons[0]?.rule ?? 'default-deny')]
    .map(([rule, entries]) => ({
      rule,
      why: entries[0]?.reasons[0]?.text ?? '',
      count: entries.length,
      agents: [...new Set(entries.map(({ agent }) => agent))],
      tools: [...new Set(entries.map(({ action }) => `${action.server}/${action.tool}`))],
      decision: entries.at(-1)?.id ?? '',
    }))
    .sort((a, b) => b.count - a.count);
}

/** Classes of action that are not enforced yet; where one would ask for most of what it does, it is no beginning. */
function suggestions(decided: readonly Decided[]): Suggestion[] {
  const open = decided.filter(({ mode }) => mode !== 'enforce');
  return actionClasses
    .filter(name => gravest.includes(name))
    .map(name => {
      const scope = `class:${name}`;
      const of = open.filter(({ action }) => action.classes.includes(name));
      return { scope, command: `sallyport mode ${scope} enforce`, ...countsOf(of) };
    })
    .filter(({ calls, asked, refused }) => calls > 0 && (asked + refused) * 2 <= calls)
    .sort(
      (a, b) =>
        a.asked + a.refused - (b.asked + b.refused) || gravest.indexOf(classIn(a)) - gravest.indexOf(classIn(b)),
    );
}

function classIn({ scope }: Suggestion): ActionClass {
  return scope.slice('class:'.length) as ActionClass;
}
