// Amounts as the API gives them: exact decimal texts. Everything here works on the digits themselves; where figures are
// added or compared they become integers first. No amount is ever a floating-point number.

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

type Digits = { readonly isNegative: boolean; readonly whole: string; readonly fraction: string };

function digitsOf(text: string): Digits {
  const found = DECIMAL.exec(text);
  if (found === null) throw new RangeError(`"${text}" is no exact decimal`);
  const [, sign = "", whole = "0", fraction = ""] = found;
  return { isNegative: sign === "-", whole: whole.replace(/^0+(?=\d)/, ""), fraction };
}

/** The text as an integer of units of 10^-scale; digits beyond the scale must not exist. */
function scaled(text: string, scale: number): bigint {
  const { isNegative, whole, fraction } = digitsOf(text);
  const units = BigInt(whole + fraction.padEnd(scale, "0"));
  return isNegative ? -units : units;
}

function scaleOf(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => digitsOf(text).fraction.length));
}

function textOf(units: bigint, scale: number): string {
  const isNegative = units < 0n;
  const digits = (isNegative ? -units : units).toString().padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const fraction = scale === 0 ? "" : `.${digits.slice(-scale)}`;
  return `${isNegative ? "-" : ""}${whole}${fraction}`;
}

export function isZero(text: string): boolean {
  return /^-?0+(\.0+)?$/.test(text);
}

export function isNegative(text: string): boolean {
  return text.startsWith("-") && !isZero(text);
}

export function absolute(text: string): string {
  return text.replace(/^-/, "");
}

/** Negative, zero or positive, as `a` is less than, equal to or more than `b`. */
export function compareAmounts(a: string, b: string): number {
  const scale = scaleOf([a, b]);
  const difference = scaled(a, scale) - scaled(b, scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The exact sum, with as many decimals as the longest of them; "0" of none. One currency is the caller's to see to. */
export function sumAmounts(texts: readonly string[]): string {
  const scale = scaleOf(texts);
  return textOf(
    texts.reduce((sum, text) => sum + scaled(text, scale), 0n),
    scale,
  );
}

export function subtractAmounts(a: string, b: string): string {
  const scale = scaleOf([a, b]);
  return textOf(scaled(a, scale) - scaled(b, scale), scale);
}

/** How many of `parts` (10,000: basis points) `part` is of `whole`, rounded down, held to 0 … parts; 0 of nothing. */
export function shareOf(part: string, whole: string, parts = 10_000): number {
  const scale = scaleOf([part, whole]);
  const of = scaled(whole, scale);
  if (of <= 0n) return 0;
  const share = (scaled(part, scale) * BigInt(parts)) / of;
  return Math.min(parts, Math.max(0, Number(share)));
}

/** Where a figure stands on a chart's axis. A place on a screen, never a figure that is shown or reckoned with. */
export function plotValue(text: string): number {
  return Number(text);
}

export type NumberSigns = { readonly group: string; readonly decimal: string };

/** "1234567.50" → "1,234,567.50" by the locale's signs; a true minus sign. */
export function groupDigits(text: string, { group, decimal }: NumberSigns): string {
  const { isNegative: below, whole, fraction } = digitsOf(text);
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, group);
  const sign = below && !isZero(text) ? "−" : "";
  return `${sign}${grouped}${fraction === "" ? "" : `${decimal}${fraction}`}`;
}
