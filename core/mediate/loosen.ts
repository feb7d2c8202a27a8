import { byPolicy } from '../model/acted.ts';
import { demandedBy, type Obligation, type PolicyAct, type Verdict } from '../model/decision.ts';
import { labelsAbove } from '../model/declassification.ts';
import type { Reach } from '../model/endorsement.ts';
import type { TaskDeclassified, TaskEndorsed } from '../model/entry.ts';
import type { OutcomeId } from '../model/ids.ts';
import { type LabelSource, labelsIn } from '../model/label.ts';
import type { Sensitivity } from '../model/sensitivity.ts';
import type { Task } from '../model/task.ts';
import { declassifiedTo, endorsedUpTo } from '../policy/obligation.ts';
import type { LinePorts } from './ports.ts';

/** What policies make of the result that a permit lets in (`declassify-result`, `endorse-result`). */
export interface Loosening {
  readonly declassify?: { readonly to: Sensitivity; readonly act: PolicyAct };
  readonly endorse?: { readonly reach: Reach; readonly act: PolicyAct };
}

const nothingLoosened: Loosening = {};

/** None in `observe` and `shadow`, where no obligation holds. */
export function looseningIn(verdict: Verdict): Loosening {
  const obligations = demandedBy(verdict);
  if (obligations.length === 0) return nothingLoosened;
  const declassify = actIn(obligations, 'declassify-result', declassifiedTo);
  const endorse = actIn(obligations, 'endorse-result', endorsedUpTo);
  return {
    ...(declassify && { declassify: { to: declassify.value, act: declassify.act } }),
    ...(endorse && { endorse: { reach: endorse.value, act: endorse.act } }),
  };
}

function actIn<T extends string>(
  obligations: readonly Obligation[],
  name: string,
  values: readonly T[],
): { readonly value: T; readonly act: PolicyAct } | undefined {
  const demanded = obligations.find(one => one.name === name);
  const value = values.find(one => one === demanded?.value);
  return value === undefined || demanded?.act === undefined ? undefined : { value, act: demanded.act };
}

/**
 * What of it holds for this result. Policy speaks of what the tool says, and not of what tasks wrote there through the gateway: what
 * carries their labels is left as it is, or who may write there could lower what it has read by reading it back.
 */
export function looseningOf(loosening: Loosening, inherited: readonly LabelSource[]): Loosening {
  const { declassify, endorse } = loosening;
  if (declassify === undefined && endorse === undefined) return loosening;
  const labels = labelsIn(inherited);
  const isOthers = labels.includes('untrusted') || labels.includes('org');
  return {
    ...(declassify !== undefined && labelsAbove(labels, declassify.to).length === 0 ? { declassify } : {}),
    ...(endorse !== undefined && !isOthers ? { endorse } : {}),
  };
}

/**
 * Acts of policies on what an outcome brought to its task, once that is recorded. They are not waited for: every decision that could
 * rest on them comes behind them in the record, and is waited for itself.
 */
export function loosen(
  { declassify, endorse }: Loosening,
  task: Task,
  entry: OutcomeId,
  { journal, newId, tasks }: Pick<LinePorts, 'journal' | 'newId' | 'tasks'>,
): void {
  const record = (draft: TaskDeclassified | TaskEndorsed): void => {
    tasks.loosen(draft, journal.append(draft));
  };
  const acted = ({ policy, why }: PolicyAct) =>
    ({ id: newId('e'), task: task.id, by: byPolicy(policy), proof: 'policy', why }) as const;
  if (declassify !== undefined) {
    const { act, to } = declassify;
    record({ kind: 'task.declassified', ...acted(act), what: { kind: 'entry', entry }, to });
  }
  if (endorse !== undefined) {
    const { act, reach } = endorse;
    record({ kind: 'task.endorsed', ...acted(act), endorsed: { kind: 'outcome', entry }, reach });
  }
}
