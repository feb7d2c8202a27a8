import type { ActionClass } from '../../model/tool.ts';

/** One word that put a tool into a class, and where it stood. */
export interface ClassReason {
  readonly class: ActionClass;
  readonly from: 'name' | 'description' | 'argument' | 'annotation' | 'default';
  readonly word: string;
}
