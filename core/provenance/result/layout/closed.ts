/**
 * A list in JSON of which a server sent only the beginning, up to its last whole element: long results are often cut off. Empty
 * where there is none. What stands behind the cut is found nowhere.
 */
export function closed(text: string): string {
  const open: string[] = [];
  let whole = '';
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at] as string;
    if (inString) {
      if (char === '\\') at++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '[' || char === '{') open.push(char === '[' ? ']' : '}');
    else if (char === ']' || char === '}') {
      if (open.pop() !== char || open.length === 0) return '';
      // Only a whole element of a list: half an object says something else.
      if (open.every(end => end === ']')) whole = text.slice(0, at + 1) + open.toReversed().join('');
    }
  }
  return whole;
}
