import type { AgentId, Instant, TaskId } from '../model/ids.ts';
import type { TaskKind } from '../model/task.ts';
import type { ActionClass } from '../model/tool.ts';

/** An action that is about to be decided, as far as it is compared with others. */
export interface Step {
  readonly task: TaskId;
  readonly agent: AgentId;
  readonly kind: TaskKind;
  /** `<server>/<tool>` */
  readonly tool: string;
  readonly classes: readonly ActionClass[];
  /** Of the action. */
  readonly digest: string;
  /** Keyed digests of where it goes, without doubles. */
  readonly destinations: readonly string[];
  /** It lies outside what its task is expected to do. */
  readonly outside: boolean;
  readonly bytes: number;
  readonly at: Instant;
}

/** It takes something elsewhere. */
export function sends(classes: readonly ActionClass[]): boolean {
  return classes.includes('egress') || classes.includes('message');
}
