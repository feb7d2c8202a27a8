/**
 * What a call of a tool costs its task, as the operator says: a tool's own words about money are nobody's. Amounts are
 * hundredths of the installation's currency.
 */
export interface Cost {
  /** The same for each call. */
  readonly cents: number | undefined;
  /** Path of the argument that names the amount; `*` stands for each item of a list, and they are added up. */
  readonly argument: string | undefined;
  /** Path of what the result says that it came to; it goes before what was set aside. */
  readonly result: string | undefined;
  /** What one of an amount is. */
  readonly unit: 'whole' | 'hundredth';
  /** Path of the argument that names the currency: it has to be this one. */
  readonly currencyArgument: string | undefined;
  readonly currency: string | undefined;
  /** Set aside where no argument says how much, readable or not. */
  readonly centsMax: number | undefined;
}
