import { widthOf } from './columns.ts';

const colour = /\u001b\[[0-9;]*m/g;
/** Whoever moves the cursor lays its lines out by itself. */
const moves = /\r|\u001b\[[0-9;?]*[A-Za-ln-z]/;

/** A command is copied: broken by us it would be two. */
const command = /(?:^|(?<=: ))(?:\u001b\[[0-9;]*m)*(?:npm exec -- |\S+\/)?sallyport(?:\.js)? .*$/;

/** A word, or a command that stands in a sentence. */
const wordsOf = /(?:`(?:npm exec -- |\S+\/)?sallyport(?:\.js)? [^`]*`|[^ ])+/g;

/** What somebody else wrote: a line of JSON, or one behind a bar. Whatever it holds, no line that it goes on in begins like ours. */
const foreign = /^( *)(?:│ |["{[\]}])/;

/**
 * Text as a terminal of `width` columns shows it: a line that is wider is broken between its columns or words and goes on further in, where a
 * terminal would break it anywhere and go on at the edge. A line that is one JSON object stays one.
 */
export function fitted(text: string, width: number): string {
  if (moves.test(text)) return text;
  return text
    .split('\n')
    .map(line => (widthOf(line) <= width || line.startsWith('{"') ? line : broken(line, width)))
    .join('\n');
}

function broken(line: string, width: number): string {
  const [, indent] = foreign.exec(line) ?? [];
  if (indent !== undefined)
    return behindBar(line, `${indent}${line.startsWith('│', indent.length) ? '│' : '┆'} `, width);
  const { cells, hang } = layoutOf(line, width);
  const lines: string[] = [];
  let now = '';
  const add = (gap: string, text: string): void => {
    if (withoutEnd(now) === '') now = lines.length === 0 ? gap + text : now + text;
    else if (widthOf(now) + gap.length + widthOf(text) <= width) now += gap + text;
    else {
      lines.push(withoutEnd(now));
      now = ' '.repeat(hang) + text;
    }
  };
  for (const { gap, text, isWhole } of cells) {
    if (isWhole || widthOf(text) <= width - hang) add(gap, text);
    else for (const [at, word] of (text.match(wordsOf) ?? []).entries()) add(at === 0 ? gap : ' ', word);
  }
  return [...lines, now].join('\n');
}

/** Broken at a space where one is near, else anywhere. */
function behindBar(line: string, bar: string, width: number): string {
  const points = [...line];
  const lines: string[] = [];
  let now = '';
  for (let at = 0; at < points.length; at++) {
    const point = points[at] ?? '';
    if (widthOf(now + point) > width && now.length > bar.length) {
      const space = now.lastIndexOf(' ');
      const isNear = space > Math.max(bar.length, width / 2);
      lines.push(isNear ? now.slice(0, space) : now);
      now = bar + (isNear ? now.slice(space + 1) : '');
    }
    now += point;
  }
  return [...lines, now].join('\n');
}

interface Cell {
  /** The spaces before it. */
  readonly gap: string;
  readonly text: string;
  readonly isWhole: boolean;
}

/**
 * Two spaces or more part columns. What does not fit goes on under the last column or, where that begins too far right, under the second.
 * Only the space itself parts anything: a tab or any other blank is a letter of its word, and shown with it.
 */
function layoutOf(line: string, width: number): { readonly cells: readonly Cell[]; readonly hang: number } {
  const cells = [...withoutEnd(line).matchAll(/( *)([^ ]+(?: [^ ]+)*)/g)].flatMap(([, gap = '', text = '']) =>
    cellsOf(gap, text),
  );
  const starts: number[] = [];
  let at = 0;
  for (const { gap, text } of cells) {
    starts.push(at + gap.length);
    at += gap.length + text.replace(colour, '').length;
  }
  const [own = 0, second] = starts;
  const near = (start: number | undefined): start is number => start !== undefined && start > own && start <= width / 2;
  const hang = [starts.at(-1), second].find(near) ?? (cells.length === 1 && own === 0 ? 0 : own + 2);
  return { cells, hang };
}

/** Without the spaces at its end. */
function withoutEnd(line: string): string {
  let end = line.length;
  while (line[end - 1] === ' ') end -= 1;
  return line.slice(0, end);
}

function cellsOf(gap: string, text: string): Cell[] {
  const found = text.search(command);
  // Behind quotes it is somebody's words, and no command of ours.
  const at = /["“]/.test(text.slice(0, Math.max(0, found))) ? -1 : found;
  const whole = (before: string): Cell => ({ gap: before, text: text.slice(at), isWhole: true });
  if (at === 0) return [whole(gap)];
  return at < 0 ? [{ gap, text, isWhole: false }] : [{ gap, text: text.slice(0, at - 1), isWhole: false }, whole(' ')];
}
