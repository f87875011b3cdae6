// Currencies and their minor units, from ISO 4217 list one. An amount is only exact when we know how many
// decimals its currency has, so an unlisted currency is refused rather than assumed to have two.

/** Publication date of the ISO 4217 list one that this table was checked against. */
export const CURRENCY_TABLE_PUBLISHED_ON = "2024-06-25";

/** Alphabetic code → number of decimals (ISO 4217 "minor unit"). Offshore renminbi is CNY (CNH is not ISO). */
const EXPONENTS: ReadonlyMap<string, number> = new Map(
  (
    [
      [0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"],
      [3, "BHD IQD JOD KWD LYD OMR TND"],
      [4, "CLF UYW"],
      [
        2,
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD " +
          "CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL " +
          "GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR " +
          "LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD " +
          "PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC " +
          "SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD YER ZAR ZMW ZWG",
      ],
    ] as const
  ).flatMap(([exponent, codes]) => codes.split(" ").map((code) => [code, exponent] as const)),
);

/** ISO 4217 alphabetic code in upper case, known to the table above. */
export type Currency = string & { readonly __currency: true };

/** The currency, or null when the code is not in the table (then the amount cannot be read exactly). */
export function currencyOf(code: string): Currency | null {
  return EXPONENTS.has(code) ? (code as Currency) : null;
}

/** Decimals of the currency: 2 for USD, 0 for JPY, 3 for KWD. */
export function exponentOf(currency: Currency): number {
  const exponent = EXPONENTS.get(currency);
  if (exponent === undefined)
    throw new RangeError(`currency ${currency} is not in the ISO 4217 table`);
  return exponent;
}
