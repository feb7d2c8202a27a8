export type JournalFaultCode =
  /** Another process writes this journal. */
  | 'locked'
  /** Files are not as the writer left them; nothing was changed. */
  | 'damaged'
  /** The disk refused, or did not answer in time. Nothing is retried: the process has to end. */
  | 'down'
  /** Too much waits for the disk. */
  | 'overloaded'
  | 'closed'
  /** A body that is not there, or cannot be opened. */
  | 'body-missing'
  | 'body-erased'
  | 'body-damaged';

/** Why the journal does not do what it was asked. The message names files and offsets, never content. */
export class JournalFault extends Error {
  override readonly name = 'JournalFault';
  readonly code: JournalFaultCode;
  constructor(code: JournalFaultCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** The journal's files are not as it left them: refuse to start, change nothing. */
export function damaged(file: string, offset: number, why: string): JournalFault {
  return new JournalFault(
    'damaged',
    `${file}, byte ${offset}: ${why}. Nothing was changed. See what was altered with: sallyport audit verify`,
  );
}
