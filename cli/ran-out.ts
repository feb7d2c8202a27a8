import type { Entry } from '@sallyport/core/model/entry.ts';
import type { ApprovalView } from '@sallyport/gateway/api/view/approval.ts';
import type { Api } from './api.ts';
import { short } from './format/ids.ts';
import { safeLine } from './format/safe.ts';

/** That a question or a yes ran out is no entry, for nobody did it. Whoever reads along is told all the same, where it happened. */
export interface RanOut {
  readonly at: number;
  readonly text: string;
}

/** Which of the questions that these entries ask or answer ran out, oldest first. */
export async function ranOutOf(entries: readonly Entry[], api: Api): Promise<RanOut[]> {
  const ids = new Set(entries.flatMap(entry => questionOf(entry) ?? []));
  if (ids.size === 0) return [];
  const { approvals } = await api.get<{ approvals: ApprovalView[] }>('approvals', { state: 'all' });
  return approvals
    .filter(({ id, state }) => state === 'expired' && ids.has(id))
    .map(view => ({ at: view.expiresAt, text: textOf(view) }))
    .sort((a, b) => a.at - b.at);
}

/** By the gateway's clock it has run out before it is looked at. */
const laterMillis = 500;

/** Tells of what runs out from now on, of the questions that `see` is shown, until `signal` is aborted. */
export function watchRanOut(api: Api, tell: (what: RanOut) => void, signal: AbortSignal): (entry: Entry) => void {
  const told = new Set<string>();
  return entry => {
    if ((entry.kind !== 'asked' && entry.kind !== 'answered') || entry.expiresAt < Date.now()) return;
    const look = async (): Promise<void> => {
      const [found] = signal.aborted ? [] : await ranOutOf([entry], api);
      if (found === undefined || told.has(found.text)) return;
      told.add(found.text);
      tell(found);
    };
    setTimeout(() => void look().catch(() => undefined), entry.expiresAt - Date.now() + laterMillis).unref();
  };
}

function questionOf(entry: Entry): string | undefined {
  if (entry.kind === 'asked') return entry.id;
  return entry.kind === 'answered' ? entry.approval : undefined;
}

function textOf({ id, tool, answered }: ApprovalView): string {
  if (answered === undefined) return `approval ${short(id)} expired: nobody answered about ${safeLine(tool)}`;
  return `approval ${short(id)} ran out: the yes of ${safeLine(answered.by)} was not used`;
}
