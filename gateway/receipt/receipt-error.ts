/** What was asked for cannot be made; the message says why and `fix` what to do. */
export class ReceiptError extends Error {
  override readonly name = 'ReceiptError';
  readonly code: 'not-found' | 'ambiguous' | 'not-signed-yet' | 'field-unknown' | 'no-key' | 'damaged';
  readonly fix: string | undefined;

  constructor(code: ReceiptError['code'], message: string, fix?: string) {
    super(message);
    this.code = code;
    this.fix = fix;
  }
}
