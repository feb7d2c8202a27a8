import type { Label } from '@sallyport/core/model/label.ts';
import type { ActionClass } from '@sallyport/core/model/tool.ts';

export interface ToolView {
  /** `server/name` */
  readonly tool: string;
  readonly status: 'pinned' | 'quarantined';
  readonly why?: string;
  readonly pin: string;
  readonly classes: readonly ActionClass[];
  /** What led to the classes, and how sure it makes them; absent where the configuration says them. */
  readonly judged?: { readonly confidence: 'sure' | 'likely' | 'unclear'; readonly because: readonly string[] };
  readonly segment: string;
  /** What its results are marked with, as the catalogue says. */
  readonly labels: readonly Label[];
  readonly description?: string;
}

export interface ToolDiffView {
  readonly tool: string;
  /** Absent for a tool that was never pinned. */
  readonly pinned?: string;
  /** What `tools/accept` has to name; absent where the tool is gone. */
  readonly offered?: string;
  readonly why: string;
  /** A readable diff, one change a line, invisible characters shown. */
  readonly text: string;
}
