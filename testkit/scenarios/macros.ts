/**
 * Text of a scenario to bytes. `{{…}}` stands for what does not read well in YAML:
 * `{{hex ff fe}}` bytes · `{{repeat 3000 text}}` · `{{nest 100 [ ]}}` the one N times, then the other N times ·
 * `{{count 1000000 "k#":1,}}` with `#` numbered · and names from `values`, such as `{{port}}`.
 */
export function expand(text: string, values: Readonly<Record<string, string>>): Buffer {
  const parts = text.split(/\{\{(.*?)\}\}/s);
  return Buffer.concat(parts.map((part, index) => (index % 2 === 0 ? Buffer.from(part) : macro(part, values))));
}

function macro(source: string, values: Readonly<Record<string, string>>): Buffer {
  const [, word = '', rest = ''] = /^(\S+)\s?(.*)$/s.exec(source) ?? [];
  const [, count = '', what = ''] = /^(\d+) (.*)$/s.exec(rest) ?? [];
  switch (word) {
    case 'hex':
      return Buffer.from(rest.replaceAll(' ', ''), 'hex');
    case 'repeat':
      return Buffer.from(what.repeat(Number(count)));
    case 'nest': {
      const [open = '', close = ''] = what.split(' ');
      return Buffer.from(open.repeat(Number(count)) + close.repeat(Number(count)));
    }
    case 'count':
      return Buffer.from(
        Array.from({ length: Number(count) }, (_, index) => what.replace('#', String(index))).join(''),
      );
    default: {
      const value = values[word];
      if (value === undefined) throw new Error(`a scenario uses the unknown macro ${word}`);
      return Buffer.from(value);
    }
  }
}
