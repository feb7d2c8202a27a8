/** What is said of a place in a file, as editors and terminals lead there: `FILE:LINE:COLUMN: left alone: why`. */
export function placed(file: string, said: string, why: string): string {
  const [, line, column, rest] = /^line (\d+), column (\d+): (.*)$/s.exec(why) ?? [];
  return rest === undefined ? `${file}: ${said}: ${why}` : `${file}:${line}:${column}: ${said}: ${rest}`;
}
