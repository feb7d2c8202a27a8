/** Words of plain language, which may describe a thing: runs of four letters and more. Calls `found` with each, in their order. */
export function eachPlainWord(folded: string, found: (word: string) => void): void {
  let start = 0;
  for (let at = 0; at <= folded.length; at++) {
    const unit = at < folded.length ? folded.charCodeAt(at) : blank;
    if (unit > 0x7f) {
      for (const word of folded.slice(start).match(run) ?? []) found(word);
      return;
    }
    if ((unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a) continue;
    if (at - start >= lettersMin) found(folded.slice(start, at));
    start = at + 1;
  }
}

const lettersMin = 4;
const run = /\p{L}{4,}/gu;
const blank = 0x20;
