import type { Evaluation } from '@sallyport/core/policy/engine.ts';

/** Questions in each of two generations, and the longest that is kept (characters): at most 2 MB for an instance of the engine. */
export const answeredMax = 512;
export const answeredCharsMax = 2_048;

/**
 * What the engine has answered, by the very text that it was asked. The engine knows nothing but that text and the pre-parsed
 * set that the text names, so the same text has the same answer: nothing is concluded here from one question for another. It holds for one
 * instance, which has given its sets their names. What was used since the last turn of generations stays, the rest goes.
 */
export class Answered {
  #recent = new Map<string, Evaluation>();
  #earlier: ReadonlyMap<string, Evaluation> = new Map();

  of(question: string): Evaluation | undefined {
    const recent = this.#recent.get(question);
    if (recent !== undefined) return recent;
    const earlier = this.#earlier.get(question);
    if (earlier !== undefined) this.keep(question, earlier);
    return earlier;
  }

  keep(question: string, evaluation: Evaluation): void {
    if (question.length > answeredCharsMax) return;
    if (this.#recent.size >= answeredMax) {
      this.#earlier = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(question, evaluation);
  }
}
