/** Questions in each of two generations, and the longest that is kept (characters): at most 2 MB for an instance of the engine. */
export const answeredMax = 512;
export const answeredCharsMax = 2_048;
/** Agents, tools and what is asked of them, of which each has a number. */
export const subjectsMax = 1_024;

/**
 * What the engine has answered, by the very text that it was asked. The engine knows nothing but that text and the pre-parsed
 * set that the text names, so the same text has the same answer: nothing is concluded here from one question for another. It holds for one
 * instance, which has given its sets their names. What was used since the last turn of generations stays, the rest goes.
 *
 * The half of a question that is the same for all calls of a tool by an agent is long; a number that no other text ever has stands for
 * it, in front of the facts.
 */
export class Answered<A> {
  #numbers = new Map<string, number>();
  #numbered = 0;
  #recent = new Map<string, A>();
  #earlier: ReadonlyMap<string, A> = new Map();

  /** The number of this text, for as long as it is remembered; then it has another one. */
  numberOf(subjects: string): number {
    const known = this.#numbers.get(subjects);
    if (known !== undefined) return known;
    if (this.#numbers.size >= subjectsMax) this.#numbers.clear();
    this.#numbers.set(subjects, ++this.#numbered);
    return this.#numbered;
  }

  of(question: string): A | undefined {
    const recent = this.#recent.get(question);
    if (recent !== undefined) return recent;
    const earlier = this.#earlier.get(question);
    if (earlier !== undefined) this.keep(question, earlier);
    return earlier;
  }

  keep(question: string, answer: A): void {
    if (question.length > answeredCharsMax) return;
    if (this.#recent.size >= answeredMax) {
      this.#earlier = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(question, answer);
  }
}
