/**
 * Text that did not come from us (tool names, descriptions, purposes, arguments) may hold escape sequences and
 * characters that reverse or hide what is read (B-2, E-4, G-2). What is shown has none of them:
 * each stands there as `\u{…}`.
 */
export function safe(text: string): string {
  return text.replace(/(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Variation_Selector}]/gu, found => {
    return `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

/** The same on one line. */
export function safeLine(text: string): string {
  return safe(text).replaceAll('\n', '\\n').replaceAll('\t', ' ');
}

/** The first `max` characters, with an ellipsis where something was left out. */
export function cut(text: string, max: number): string {
  const points = [...text];
  return points.length <= max ? text : `${points.slice(0, Math.max(0, max - 1)).join('')}…`;
}
