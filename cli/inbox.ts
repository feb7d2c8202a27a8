import type { ApprovalView } from '@sallyport/gateway/api/view/approval.ts';
import type { Answer, Api } from './api.ts';
import type { Given } from './command.ts';
import { approvalCard, waitsForMore, yesesOf } from './format/approval-card.ts';
import { operatorNote } from './format/operator.ts';
import { safeLine } from './format/safe.ts';

/** What became of the questions that somebody looked at. */
export interface InboxResult {
  readonly approved: number;
  readonly refused: number;
}

const lookMillis = 2_000;
/** A key that was meant for the question before this one has not been pressed for this one. */
const readMillisMin = 400;
const grave: ReadonlySet<string> = new Set(['money', 'destructive', 'admin', 'code']);

/**
 * One question at a time, answered with a key: j and k move, a approves this one once, r refuses it with a reason, q
 * leaves. Grave ones ask for the word. What is answered is what is shown: a question that changes under the fingers is
 * drawn anew, and only then takes keys.
 */
export async function openInbox(given: Given, api: Api): Promise<InboxResult> {
  const { terminal } = given;
  const result = { approved: 0, refused: 0 };
  let at = 0;
  let shown: ApprovalView | undefined;
  let shownAt = 0;
  let isTyping = false;
  let all = await pendingOf(api);

  /** Who reads a question goes on reading it, whatever is answered or asked meanwhile. */
  const take = (next: Pending): void => {
    const still = next.approvals.findIndex(({ id }) => id === shown?.id);
    if (still >= 0) at = still;
    all = next;
  };
  const ask = async (question: string): Promise<string> => {
    isTyping = true;
    try {
      return (await terminal.ask(question)).trim();
    } finally {
      isTyping = false;
    }
  };

  const draw = (note = ''): void => {
    shown = all.approvals[Math.min(at, Math.max(0, all.approvals.length - 1))];
    shownAt = Date.now();
    terminal.err('\u001b[2J\u001b[H');
    terminal.err(`${screen(given, all.approvals, shown, all.operator)}${note}\n`);
  };
  const again = async (note = ''): Promise<void> => {
    take(await pendingOf(api));
    draw(note);
  };
  const answer = async (view: ApprovalView, word: 'approved' | 'refused', why: string): Promise<string> => {
    try {
      const said = { answer: word, ...(why === '' ? {} : { why }) };
      const { approval } = await api.post<{ approval: ApprovalView }>(`approvals/${view.id}`, said);
      if (waitsForMore(approval)) return `not approved yet: ${yesesOf(approval)}`;
      result[word] += 1;
      return `${word} ${safeLine(view.tool)}`;
    } catch (thrown) {
      return given.paint.bad(thrown instanceof Error ? thrown.message : 'it could not be answered');
    }
  };

  draw();
  const looking = setInterval(() => {
    void pendingOf(api).then(
      next => {
        if (isTyping || stateOf(next) === stateOf(all)) return;
        take(next);
        draw();
      },
      () => undefined,
    );
  }, lookMillis);
  try {
    for await (const key of terminal.keys()) {
      if (key === 'q' || key === '\u0003') break;
      if (key === 'j') at = Math.min(at + 1, all.approvals.length - 1);
      if (key === 'k') at = Math.max(0, at - 1);
      if (key === 'j' || key === 'k') draw();
      const view = shown;
      if (view === undefined || Date.now() - shownAt < readMillisMin) continue;
      if (key === 'a') await again(await approve(ask, view, answer));
      if (key === 'r') await again(await answer(view, 'refused', await ask('What the agent is told (may be empty): ')));
    }
  } finally {
    clearInterval(looking);
  }
  return result;
}

type Say = (view: ApprovalView, word: 'approved' | 'refused', why: string) => Promise<string>;

async function approve(ask: (question: string) => Promise<string>, view: ApprovalView, answer: Say): Promise<string> {
  const isGrave = view.classes === undefined || view.classes.some(name => grave.has(name));
  if (isGrave && (await ask('This may not be taken back. Type yes to approve it once: ')) !== 'yes')
    return 'nothing was answered';
  return await answer(view, 'approved', '');
}

type Pending = Answer<{ readonly approvals: ApprovalView[] }>;

function pendingOf(api: Api): Promise<Pending> {
  return api.get<{ approvals: ApprovalView[] }>('approvals', { state: 'pending' });
}

/** Which questions wait, and how many people said yes to each. */
function stateOf({ approvals }: Pending): string {
  return approvals.map(({ id, seconds = [] }) => `${id} ${seconds.length}`).join();
}

function screen(given: Given, all: readonly ApprovalView[], view: ApprovalView | undefined, operator: string): string {
  const { paint, terminal } = given;
  if (view === undefined)
    return `${paint.bold('Nothing waits for an answer.')}\n\n${paint.faint('q leaves; what comes appears here')}\n`;
  const place = `${all.indexOf(view) + 1} of ${all.length}`;
  const keys = 'j next   k before   a approve once   r refuse   q leave';
  return [
    paint.faint(place),
    '',
    approvalCard(view, Date.now(), terminal.cwd, paint),
    '',
    ...operatorNote(operator, paint),
    paint.bold(keys),
    '',
  ].join('\n');
}
