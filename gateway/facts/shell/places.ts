/** Does this word name a file: it has a slash, begins like a path, or has an extension. */
export function looksLikePath(word: string): boolean {
  if (word.startsWith('-') || word === '' || /^[a-z][a-z0-9+.-]*:\/\//i.test(word)) return false;
  if (/\s/.test(word)) return /^(?:~?|\.{1,2})\//.test(word);
  return (
    /^(?:~|\.{1,2}$|\.{0,2}\/)|\/|^\.[A-Za-z]/.test(word) || /^[\w@%+,.-]{1,128}\.[A-Za-z][A-Za-z0-9]{0,9}$/.test(word)
  );
}

/** Written and gone: not a file. */
export function isSink(path: string): boolean {
  return /^\/dev\/(?:null|stdout|stderr|stdin|tty|fd\/\d+)$/.test(path);
}
