/** One thing that `doctor` looked at. `bad` makes it end with 6. */
export interface Finding {
  readonly state: 'good' | 'advice' | 'bad';
  readonly about: string;
  readonly says: string;
  readonly fix?: string;
}
