/** How an action looks beside what its agent usually does in such tasks. Statistics, never a proof of anything. */
export interface Risk {
  /** 0 to 100: the weights of the signals, added. */
  readonly score: number;
  /** What was noticed, each name once; empty for an ordinary action. */
  readonly signals: readonly Signal[];
}

export interface Signal {
  readonly name: SignalName;
  /** One sentence for people, with the numbers that it rests on. Names tools, never a value. */
  readonly text: string;
}

export type SignalName =
  | 'unusual-tool'
  | 'unusual-order'
  | 'new-destination'
  | 'burst'
  | 'probing'
  | 'volume-sent'
  | 'drift';

export const riskScoreMax = 100;

export const calm: Risk = { score: 0, signals: [] };
