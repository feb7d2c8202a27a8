/** Exit statuses, the same for every command (docs/reference/cli.md). */
export const exit = {
  ok: 0,
  error: 1,
  usage: 2,
  denied: 3,
  needsApproval: 4,
  regressed: 5,
  unhealthy: 6,
} as const;

export type ExitStatus = (typeof exit)[keyof typeof exit];

/** A command that could not do what it was asked. The message says what and why, `fix` what to do next; no secret. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: string;
  readonly fix: string | undefined;
  readonly status: ExitStatus;
  /** What of an order to the gateway is wrong, where that is why: `audience[0]`. */
  readonly field: string | undefined;

  /** `code` is stable, for programs: `not-running`, `usage`, `not-found`. */
  constructor(code: string, message: string, fix?: string, status: ExitStatus = exit.error, field?: string) {
    super(message);
    this.code = code;
    this.fix = fix;
    this.status = status;
    this.field = field;
  }
}

export function usageError(message: string, fix?: string): CliError {
  return new CliError('usage', message, fix, exit.usage);
}
