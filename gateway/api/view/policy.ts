import type { Instant } from '@sallyport/core/model/ids.ts';

export interface PolicyView {
  readonly active: PolicySetView;
  readonly candidate?: PolicySetView & { readonly problems: readonly PolicyProblem[] };
}

/** Stands where a candidate's digest would, while the policy files cannot be read. */
export const unreadDigest = 'unreadable';

export interface PolicySetView {
  readonly digest: string;
  /** Of the world that holds it; absent for a candidate. */
  readonly world?: string;
  readonly activatedAt?: Instant;
  readonly by?: string;
  readonly policies: readonly {
    readonly id: string;
    readonly effect: 'permit' | 'forbid';
    readonly file: string;
    readonly line: number;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
}

/** The tests that stand beside the policy files, run against the files as they are now and the tools as they are pinned. */
export interface PolicyTestsView {
  /** Whether these files are what is in force. */
  readonly inForce: boolean;
  readonly problems: readonly PolicyProblem[];
  readonly tests: readonly {
    readonly name: string;
    readonly outcome: 'passed' | 'failed' | 'skipped';
    readonly file: string;
    readonly line: number;
    readonly message?: string;
  }[];
}

export interface PolicyProblem {
  readonly file: string;
  readonly line: number;
  readonly message: string;
  readonly fix?: string;
}

export interface PolicyTextView {
  readonly id: string;
  readonly effect: 'permit' | 'forbid';
  readonly file: string;
  readonly line: number;
  readonly text: string;
}
