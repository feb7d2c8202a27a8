/**
 * Text that did not come from us (tool names, descriptions, purposes, arguments) may hold escape sequences and
 * characters that reverse, overlay or hide what is read (B-2, E-4, G-2). What is shown has none of them:
 * each stands there as `\u{…}`.
 */
export function safe(text: string): string {
  return text.replace(
    /(?![\n\t])(?:[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?<!(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{N}]\p{M}{0,3})\p{M})/gu,
    found => {
      return `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`;
    },
  );
}

/** The same on one line. */
export function safeLine(text: string): string {
  return safe(text).replaceAll('\n', '\\n').replaceAll('\t', ' ');
}

/** Somebody's words on one line, in quotes that they cannot end, without gaps that look like columns; what is left out is counted. */
export function quotedWords(text: string, max: number): string {
  const points = [...safeLine(text).replace(/[“”]/g, '"').replace(/ {2,}/g, ' ')];
  const left = points.length - max;
  return `“${points.slice(0, max).join('')}”${left > 0 ? ` and ${left} characters more` : ''}`;
}

/** The first `max` characters, with an ellipsis where something was left out. */
export function cut(text: string, max: number): string {
  const points = [...text];
  return points.length <= max ? text : `${points.slice(0, Math.max(0, max - 1)).join('')}…`;
}
