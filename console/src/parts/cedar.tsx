import type { ComponentChildren } from 'preact';

const words =
  /(\/\/[^\n]*)|("(?:[^"\\]|\\.)*")|(@[a-z_]+)|\b(permit|forbid|when|unless|principal|action|resource|context|in|is|has|like|if|then|else|true|false)\b|\b([A-Z][A-Za-z]*)(?=::)/g;
const kinds = ['', 'comment', 'string', 'note', 'word', 'type'];

/** A policy as it is written, coloured quietly. `first` is the number of its first line in its file. */
export function Cedar({ text, first }: { text: string; first: number }) {
  return (
    <pre class="cedar">
      {text
        .trim()
        .split('\n')
        .map((line, index) => (
          <span key={index} class="cedar-line">
            <span class="cedar-number" aria-hidden="true">
              {first + index}
            </span>
            <span
              class={/^\s*(when|unless)\b|^[^@"]*\bcontext\./.test(line) ? 'cedar-text is-condition' : 'cedar-text'}
            >
              {pieces(line)}
              {'\n'}
            </span>
          </span>
        ))}
    </pre>
  );
}

function pieces(line: string): ComponentChildren[] {
  const out: ComponentChildren[] = [];
  let from = 0;
  for (const match of line.matchAll(words)) {
    const kind = kinds[match.findIndex((group, index) => index > 0 && group !== undefined)];
    out.push(line.slice(from, match.index), <span class={`cedar-${kind}`}>{match[0]}</span>);
    from = match.index + match[0].length;
  }
  out.push(line.slice(from));
  return out;
}
