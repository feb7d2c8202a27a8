export interface AuditView {
  readonly dir: string;
  readonly origin: string;
  /** C2SP signed-note verifier key. */
  readonly vkey: string;
  readonly entries: number;
  /** Newest checkpoint, a C2SP signed note. */
  readonly checkpoint?: string;
}
