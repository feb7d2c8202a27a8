import type { PersonId, PersonProof } from '@sallyport/core/model/acted.ts';
import type { IdentityLink } from '@sallyport/core/model/agent.ts';
import type { Answer, ApprovalTerms, Mode, Obligation, Reason } from '@sallyport/core/model/decision.ts';
import type { Declassification } from '@sallyport/core/model/declassification.ts';
import type { Endorsement } from '@sallyport/core/model/endorsement.ts';
import type { Decided, Entry } from '@sallyport/core/model/entry.ts';
import type { Instant } from '@sallyport/core/model/ids.ts';
import type { LabelSource } from '@sallyport/core/model/label.ts';
import type { Risk } from '@sallyport/core/model/risk.ts';
import type { PolicyTextView } from './policy.ts';
import type { ValueView } from './value.ts';

/** A credential that its server held when an action was performed. Never its value. */
export interface CredentialLife {
  readonly credential: string;
  readonly lease: string;
  readonly scope?: string;
  readonly requestedAt: Instant;
  readonly issuedAt?: Instant;
  readonly revocable?: boolean;
  /** When it ends by itself, as far as its issuer said. */
  readonly expiresAt?: Instant;
  readonly endedAt?: Instant;
  readonly outcome?: string;
  readonly why?: string;
}

/** `why`: one decision with everything that led to it and followed from it. */
export interface WhyView {
  readonly id: string;
  readonly seq: number;
  readonly at: Instant;
  readonly agent: WhyAgent;
  readonly task: {
    readonly id: string;
    readonly kind?: string;
    readonly principal: string;
    readonly purpose?: string;
    readonly opener?: string;
    /** Absent while it is open, and where it is not known any more. */
    readonly endedAt?: Instant;
  };
  readonly action: Pick<Decided['action'], 'method' | 'server' | 'tool' | 'pin' | 'classes' | 'digest' | 'bytes'>;
  /** The parameters as sent, JSON text; absent where the body is gone. */
  readonly arguments?: string;
  /** What was taken out of them before they went on, and the digest of what went. */
  readonly redacted?: NonNullable<Decided['redacted']>;
  /** What the agent sent, where values were put in the place of its handles. */
  readonly withHandles?: string;
  /** Which of its values the agent has not seen, and where they come from. */
  readonly putBack?: NonNullable<Decided['putBack']>;
  readonly door: string;
  readonly world: string;
  /** False if the policies in force now are others: file and line are then those of now, and `change` is absent. */
  readonly worldInForce: boolean;
  readonly mode: Mode;
  readonly answer: Answer;
  readonly verdict: 'pass' | 'refuse' | 'defer';
  /** What was done: `performed`, `refused`, …; absent while it runs. */
  readonly did?: string;
  readonly reasons: readonly PlacedReason[];
  /** What was unusual about it; absent: nothing. */
  readonly risk?: Risk;
  /** Absent where the body is gone. */
  readonly facts?: FactsView;
  /** The values of which there is doubt, those that stopped it first. */
  readonly values: readonly ValueView[];
  /** The policies behind the reasons as they are written; absent if others are in force now. */
  readonly policies?: readonly PolicyTextView[];
  /** What came back, with secrets taken out, JSON text; absent where nothing did or the body is gone. */
  readonly result?: string;
  /** Whom it names as its senders, where the catalogue says where that stands. */
  readonly senders?: readonly string[];
  /** Each label with the entry its first source is. */
  readonly labels: readonly LabelSource[];
  /** What a person or a policy had lowered by then for this task, while it is known. */
  readonly declassified?: readonly Declassification[];
  /** What somebody stood behind by then, of what this decision may rest on, while it is known. */
  readonly endorsed?: readonly Endorsement[];
  /**
   * The approval that was asked for, or used, or used for nothing and then given back, or void since a stop came in between; or the
   * question on whose action this one builds.
   */
  readonly approval?: {
    readonly id: string;
    readonly use: 'asked' | 'used' | 'given back' | 'void' | 'awaited';
    readonly answer?: 'approved' | 'refused';
    readonly by?: string;
    readonly proof?: PersonProof;
    readonly person?: PersonId;
    readonly at?: Instant;
    readonly expiresAt?: Instant;
    /** Nothing comes of it any more: a stop came in between, its task ended, or the same was asked anew. */
    readonly isVoid?: boolean;
  };
  readonly outcome?: Entry;
  /** Absent where its server was given none. */
  readonly credentials?: readonly CredentialLife[];
  readonly change?: ChangeView;
  readonly timings: { readonly decideMicros: number; readonly performMicros?: number };
}

/** Who acted, and how that was proven. Proof and chain are absent where the body is gone. */
export interface WhyAgent {
  readonly id: string;
  readonly proof?: string;
  readonly trust?: number;
  /** How its proof came about, first what an issuer outside said. */
  readonly chain?: readonly IdentityLink[];
  /** What cannot be known about it, because somebody else runs it. */
  readonly unknown?: readonly string[];
}

/** What would be decided now. Nothing is performed and nothing is recorded. */
export interface TryView {
  readonly recorded: false;
  readonly tool: string;
  readonly answer: Answer;
  readonly verdict: 'pass' | 'refuse' | 'defer';
  readonly mode: Mode;
  readonly reasons: readonly PlacedReason[];
  readonly obligations: readonly Obligation[];
  readonly approval?: ApprovalTerms;
  readonly facts: FactsView;
  readonly change?: ChangeView;
  readonly world: string;
}

export interface PlacedReason extends Reason {
  readonly effect?: 'permit' | 'forbid';
  readonly file?: string;
  readonly line?: number;
}

/** The facts that policy saw, by their policy names (`context.task`, `context.flow`, `context.env`). */
export interface FactsView {
  readonly task: Readonly<Record<string, unknown>>;
  readonly flow: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, unknown>>;
  /** What the arguments say (`context.does`, `context.shell`, …), by part. Only of what is tried. */
  readonly content?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** The type of each argument as policies see it, or why they do not. Only of what is tried. */
  readonly input?: Readonly<Record<string, string>>;
  /** Absent in what older versions recorded. */
  readonly risk?: Readonly<Record<string, unknown>>;
}

/** The smallest change that would permit, found by deciding again with one fact changed at a time. */
export interface ChangeView {
  readonly text: string;
  readonly answer: Answer;
}
