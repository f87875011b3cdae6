// How alike two texts are: Jaro-Winkler over letters (Winkler 1990: prefix of at most four, scale 0.1, only above 0.7).

const PREFIX_MAX = 4;
const PREFIX_SCALE = 0.1;
const BOOST_FROM = 0.7;

/** 0 (nothing in common) to 1 (the same). Letters of plain Latin, upper case. */
export function jaroWinkler(a: string, b: string): number {
  if (a === b) return 1;
  const jaro = jaroOf(a, b);
  if (jaro < BOOST_FROM) return jaro;
  let prefix = 0;
  while (prefix < PREFIX_MAX && prefix < a.length && a[prefix] === b[prefix]) prefix += 1;
  return jaro + prefix * PREFIX_SCALE * (1 - jaro);
}

function jaroOf(a: string, b: string): number {
  if (a.length === 0 || b.length === 0) return 0;
  const reach = Math.max(0, Math.floor(Math.max(a.length, b.length) / 2) - 1);
  const taken = new Uint8Array(b.length);
  const matched: number[] = [];
  for (let i = 0; i < a.length; i += 1) {
    const until = Math.min(b.length, i + reach + 1);
    for (let j = Math.max(0, i - reach); j < until; j += 1) {
      if (taken[j] === 1 || a.charCodeAt(i) !== b.charCodeAt(j)) continue;
      taken[j] = 1;
      matched.push(a.charCodeAt(i));
      break;
    }
  }
  if (matched.length === 0) return 0;
  let crossed = 0;
  let at = 0;
  for (let j = 0; j < b.length; j += 1) {
    if (taken[j] !== 1) continue;
    if (b.charCodeAt(j) !== matched[at]) crossed += 1;
    at += 1;
  }
  const m = matched.length;
  return (m / a.length + m / b.length + (m - crossed / 2) / m) / 3;
}
