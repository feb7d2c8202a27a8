/** The outside identity that a token was issued for; it stands in the token, so that `why` can show where it began. */
export interface Origin {
  readonly issuer: string;
  readonly subject: string;
  readonly id?: string | undefined;
}
