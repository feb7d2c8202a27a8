/** A longer URI is held against a template's beginning and end alone. */
const uriCharsMax = 4_096;

/**
 * Whether a URI template (RFC 6570) could be what this URI was made of: every expression may stand for any text. That is wider
 * than the server's own reading of it, whichever that is.
 */
export function mayExpandTo(template: string, uri: string): boolean {
  const literals = template.toLowerCase().split(/\{[^{}]*\}/);
  // Servers read a URI as it is, or as a URL.
  return [uri, URL.parse(uri)?.href].some(text => text !== undefined && fits(literals, text.toLowerCase()));
}

function fits([first = '', ...others]: readonly string[], uri: string): boolean {
  const last = others.pop();
  if (last === undefined) return uri === first;
  if (!uri.startsWith(first) || !uri.endsWith(last) || uri.length < first.length + last.length) return false;
  if (uri.length > uriCharsMax) return true;
  let from = first.length;
  for (const literal of others) {
    const found = uri.indexOf(literal, from);
    if (found < 0) return false;
    from = found + literal.length;
  }
  return from <= uri.length - last.length;
}
