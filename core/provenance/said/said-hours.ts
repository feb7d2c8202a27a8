const english = 'one two three four five six seven eight nine ten eleven twelve'.split(' ');
const german = 'ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf'.split(' ');
const dutch = 'een twee drie vier vijf zes zeven acht negen tien elf twaalf'.split(' ');
const others = [
  'una dos tres cuatro cinco seis siete ocho nueve diez once doce',
  'une deux trois quatre cinq six sept huit neuf dix onze douze',
  'una due tre quattro cinque sei sette otto nove dieci undici dodici',
  'uma duas três quatro cinco seis sete oito nove dez onze doze',
].map(names => names.split(' '));

/** `at 6`, `6pm`, `6.00`, `at six` for 18:00; `half past six`, `half six`, `halb sieben`, `seis y media` for 18:30. Both folded. */
export function saysHour(hour: string, said: string): boolean {
  const [hours = 0, minutes = 0] = hour.split(':').map(Number);
  const behind = minutes === 0 ? '(?:[:.h]00)?' : `[:.h]${String(minutes).padStart(2, '0')}`;
  if (new RegExp(`(?<![\\d:.])0?(?:${hours}|${hours % 12 || 12})${behind}(?!\\d|[:.]\\d)`, 'u').test(said)) return true;
  if (minutes !== 0 && minutes !== 30) return false;
  const spelt = minutes === 0 ? fullHour(hours) : halfHour(hours);
  return new RegExp(`(?<!\\p{L})(?:${spelt})(?!\\p{L})`, 'u').test(said);
}

/** A bare number in words may count anything. */
function fullHour(hours: number): string {
  const these = [onClock(hours), ...[english, german, dutch, ...others].map(named(hours))].join('|');
  return `(?:at|from|till|until|by|to|um|ab|bis|a las?|alle|às|om|vanaf) (?:${these})`;
}

/** Half of what comes next in German and Dutch; in English `half two` is past two, and `half 2` is read as there. */
function halfHour(hours: number): string {
  const past = [onClock(hours), named(hours)(english)].join('|');
  const before = [onClock(hours + 1), named(hours + 1)(german)].join('|');
  const and = [onClock(hours), ...others.map(named(hours))].join('|');
  return `half (?:past )?(?:${past})|halb (?:${before})|half ${named(hours + 1)(dutch)}|(?:${and}) (?:y media|e mezza|e meia|(?:heures? )?et demie?)`;
}

function onClock(hours: number): number {
  return hours % 12 || 12;
}

function named(hours: number): (names: readonly string[]) => string | undefined {
  return names => names[onClock(hours) - 1];
}
