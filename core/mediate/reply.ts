import type { ApprovalId } from '../model/ids.ts';
import type { JsonObject } from '../model/json.ts';
import type { Price } from '../model/price.ts';
import type { Refusal } from '../model/refusal.ts';

/** What the agent gets. The door renders it; a door decides nothing. */
export type Reply =
  /** `text`: its normal form, where that was made already; `cost`: what this step has made unreachable for the rest of the task. */
  | { readonly kind: 'result'; readonly result: JsonObject; readonly text?: string; readonly cost?: Price }
  | {
      readonly kind: 'error';
      readonly error: { readonly code: number; readonly message: string; readonly data: JsonObject | undefined };
    }
  | { readonly kind: 'refusal'; readonly refusal: Refusal; readonly approval?: ApprovalId; readonly waits?: Waits };

/** For whose answer a refused call waits: its own question's, or that of an action it builds on. */
export type Waits = 'asked' | 'builds';
