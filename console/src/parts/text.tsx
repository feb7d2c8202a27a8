import type { ComponentChildren } from 'preact';

/**
 * Text that somebody else wrote. What cannot be seen, reverses what is read or pretends to be space is shown by its
 * code, in a mark of its own (E-4); what is cut says so. Nothing here is ever taken for markup.
 */
const unseen =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|(?! )\p{Zs}|\u115f|\u1160|\u3164|\uffa0|\ufffd|\u034f|\u17b4|\u17b5|\p{Variation_Selector}|\u2800|(?<!(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{N}]\p{M}{0,3})\p{M}/gu;
const plainText = /^[ -~]*$/;
const layout: ReadonlySet<string> = new Set(['\n', '\t']);

const charsShownMax = 20_000;

export function Foreign({ text, max = charsShownMax }: { text: string; max?: number }) {
  const shown = text.length > max ? text.slice(0, max) : text;
  // Almost every text is plain, and thousands of them are drawn while somebody scrolls.
  if (plainText.test(text) && text.length <= max) return <bdi class="foreign">{text}</bdi>;
  const parts: ComponentChildren[] = [];
  let from = 0;
  for (const match of shown.matchAll(unseen)) {
    if (layout.has(match[0])) continue;
    parts.push(shown.slice(from, match.index), <Code char={match[0]} />);
    from = match.index + match[0].length;
  }
  parts.push(shown.slice(from));
  return (
    <bdi class="foreign">
      {parts}
      {text.length > max && <span class="cut"> … {(text.length - max).toLocaleString('en-GB')} more characters</span>}
    </bdi>
  );
}

function Code({ char }: { char: string }) {
  const code = `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  return (
    <span class="unseen" title="an invisible or misleading character">
      {code}
    </span>
  );
}

/** A sentence of ours or of a policy's author, as a sentence. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.');
}
