import { type Behaviour, emptyBehaviour, riskOf } from '@sallyport/core/behaviour/behaviour.ts';
import { applyBehaviour } from '@sallyport/core/behaviour/fold.ts';
import type { Step } from '@sallyport/core/behaviour/step.ts';
import type { Decided, EntryDraft } from '@sallyport/core/model/entry.ts';
import type { DecisionId, TaskId } from '@sallyport/core/model/ids.ts';
import type { Risk } from '@sallyport/core/model/risk.ts';
import type { ActionClass } from '@sallyport/core/model/tool.ts';
import { fakeTask } from '../fakes/task.ts';

export interface Act {
  readonly tool: string;
  readonly classes?: readonly ActionClass[];
  /** Named, and stands for its digest. */
  readonly to?: readonly string[];
  readonly digest?: string;
  readonly outside?: boolean;
  /** Of the call, and of its answer. */
  readonly bytes?: number;
  readonly answerBytes?: number;
  /** `observed`: policy said no, and the mode let it pass. */
  readonly how?: 'performed' | 'refused' | 'failed' | 'observed' | 'approved';
}

/** Agents at work, told in entries as the line would write them. Time passes by a second a call. */
export class Story {
  readonly entries: { readonly draft: EntryDraft; readonly at: number }[] = [];
  readonly behaviour: Behaviour = emptyBehaviour();
  now = 1_900_000_000_000;
  #ids = 0;

  tell(draft: EntryDraft): void {
    this.entries.push({ draft, at: this.now });
    applyBehaviour(this.behaviour, draft, this.now);
  }

  open(kind = 'invoices', agent = 'assistant'): TaskId {
    const task = this.#id('t');
    const { principal, manifest, limits } = fakeTask;
    this.tell({
      ...{ kind: 'task.opened', id: task, task, agent, principal, taskKind: kind, opener: 'operator' },
      ...{ manifest, limits, labels: [] },
    });
    return task;
  }

  end(task: TaskId): void {
    this.tell({ kind: 'task.ended', id: this.#id('e'), task, by: 'operator', why: '' });
  }

  /** What the line would think of it, and then what became of it. */
  act(task: TaskId, act: Act): Risk {
    this.now += 1_000;
    const risk = this.look(task, act);
    const { how = 'performed', bytes = 100, answerBytes = 100 } = act;
    const id: DecisionId = this.#id('d');
    this.tell(decidedEntry(id, this.stepOf(task, act), risk, act));
    if (how === 'refused') this.tell({ kind: 'refused', id: this.#id('e'), decision: id, task, code: 'denied' });
    else {
      const outcome = how === 'failed' ? 'tool-error' : 'ok';
      this.tell({
        ...{ kind: 'performed', id: this.#id('o'), decision: id, task, outcome },
        ...{ bytes: answerBytes, tookMicros: bytes, labels: [] },
      });
    }
    return risk;
  }

  look(task: TaskId, act: Act): Risk {
    return riskOf(this.behaviour, this.stepOf(task, act));
  }

  stepOf(task: TaskId, { tool, classes = ['read'], to = [], digest, outside = false, bytes = 100 }: Act): Step {
    const course = this.behaviour.courses.get(task);
    return {
      ...{ task, agent: course?.agent ?? 'assistant', kind: course?.kind ?? 'invoices' },
      ...{ tool, classes, digest: digest ?? `${tool} ${to.join()}`, destinations: to, outside, bytes, at: this.now },
    };
  }

  /** Whole tasks of the same acts, one after another. */
  tasks(count: number, acts: readonly Act[], kind?: string): void {
    for (let each = 0; each < count; each++) {
      const task = this.open(kind);
      for (const act of acts) this.act(task, act);
      this.end(task);
      this.now += 600_000;
    }
  }

  #id<P extends 't' | 'd' | 'e' | 'o'>(prefix: P): `${P}_${string}` {
    return `${prefix}_${String(++this.#ids).padStart(26, '0')}`;
  }
}

function decidedEntry(id: DecisionId, step: Step, risk: Risk, { how = 'performed' }: Act): Decided {
  const [server = '', ...name] = step.tool.split('/');
  const { task, agent, classes, digest, bytes, destinations, outside } = step;
  const refused = how === 'refused' || how === 'observed';
  return {
    ...{ kind: 'decided', id, task, agent, principal: 'user:emma', world: 'w', door: 'mcp-http' },
    action: { method: 'tools/call', server, tool: name.join('/'), pin: 'p', classes, digest, bytes },
    ...{ mode: how === 'observed' ? 'observe' : 'enforce', answer: refused ? 'deny' : 'permit' },
    ...{ verdict: how === 'refused' ? 'refuse' : 'pass', reasons: [], labels: [], tookMicros: 1 },
    ...(how === 'approved' ? { approval: 'ap_00000000000000000000000001' as const } : {}),
    ...(destinations.length === 0 ? {} : { destinations }),
    ...(outside ? { outside } : {}),
    ...(risk.signals.length === 0 ? {} : { risk }),
  };
}
