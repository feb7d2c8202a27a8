import type { IdentityLink } from '@sallyport/core/model/agent.ts';

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
