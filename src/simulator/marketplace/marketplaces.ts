// The marketplaces that the sandbox can play, with how each writes its settlement files. Ids, currencies and
// domains: Amazon's list of store identifiers. Styles and charsets: docs/reference/statement-formats.md.

import { invariant } from "../../errors/invariant.ts";
import type { Charset } from "../../marketplace/amazon/charset.ts";
import type { SettlementV2Style } from "../../marketplace/amazon/settlement-v2-text.ts";
import { type Currency, currencyOf } from "../../money/currency.ts";

/** North America, Europe, Far East: one consent covers the marketplaces of one region. */
export type Region = "na" | "eu" | "fe";

export type Marketplace = {
  readonly id: string;
  readonly region: Region;
  readonly countryCode: string;
  readonly name: string;
  readonly currency: Currency;
  readonly language: string;
  readonly domain: string;
  readonly style: SettlementV2Style;
  readonly charset: Charset;
  /** As the document's storage names the charset; EU and JP name it as Java does. */
  readonly contentType: string;
  /** Tax collected from the buyer and kept back again, in hundredths of a percent of the price. */
  readonly taxBps: number;
  /** A payout that the seller asks for (initiatePayout) is known in these marketplaces only. */
  readonly paysOnDemand: boolean;
};

const PLAIN = ["utf-8", "text/plain;charset=UTF-8"] as const;
const CP1252 = ["windows-1252", "text/plain;charset=Cp1252"] as const;
const SJIS = ["shift_jis", "text/plain;charset=windows-31j"] as const;

type Row = readonly [
  id: string,
  region: Region,
  countryCode: string,
  name: string,
  currency: string,
  language: string,
  date: SettlementV2Style["date"],
  number: SettlementV2Style["number"],
  text: readonly [Charset, string],
  taxBps: number,
];

const ROWS: readonly Row[] = [
  ["ATVPDKIKX0DER", "na", "US", "Amazon.com", "USD", "en_US", "y-m-d", "dot", PLAIN, 825],
  ["A2EUQ1WTGCTBG2", "na", "CA", "Amazon.ca", "CAD", "en_CA", "d.m.y", "dot", PLAIN, 1300],
  ["A1AM78C64UM0Y8", "na", "MX", "Amazon.com.mx", "MXN", "es_MX", "d.m.y", "dot", PLAIN, 1600],
  ["A1F83G8C2ARO7P", "eu", "GB", "Amazon.co.uk", "GBP", "en_GB", "d.m.y", "dot", CP1252, 2000],
  ["A1PA6795UKMFR9", "eu", "DE", "Amazon.de", "EUR", "de_DE", "d.m.y", "comma", CP1252, 1900],
  ["A13V1IB3VIYZZH", "eu", "FR", "Amazon.fr", "EUR", "fr_FR", "d.m.y", "comma", CP1252, 2000],
  ["APJ6JRA9NG5V4", "eu", "IT", "Amazon.it", "EUR", "it_IT", "d.m.y", "comma", CP1252, 2200],
  ["A1RKKUPIHCS9HS", "eu", "ES", "Amazon.es", "EUR", "es_ES", "d.m.y", "comma", CP1252, 2100],
  ["A1805IZSGTT6HS", "eu", "NL", "Amazon.nl", "EUR", "nl_NL", "d.m.y", "comma", CP1252, 2100],
  ["AMEN7PMS3EDWL", "eu", "BE", "Amazon.com.be", "EUR", "fr_BE", "d.m.y", "comma", CP1252, 2100],
  ["A2NODRKZP88ZB9", "eu", "SE", "Amazon.se", "SEK", "sv_SE", "d.m.y", "dot", CP1252, 2500],
  ["A1C3SOZRARQ6R3", "eu", "PL", "Amazon.pl", "PLN", "pl_PL", "d.m.y", "dot", PLAIN, 2300],
  ["A1VC38T7YXB528", "fe", "JP", "Amazon.co.jp", "JPY", "ja_JP", "y/m/d", "dot", SJIS, 1000],
  ["A39IBJ37TRP1C6", "fe", "AU", "Amazon.com.au", "AUD", "en_AU", "d.m.y", "dot", PLAIN, 1000],
  ["A19VAU5U5O7RUS", "fe", "SG", "Amazon.sg", "SGD", "en_SG", "d.m.y", "dot", PLAIN, 900],
];

/** Transfers API 2024-06-01: "This API supports the following marketplaces: DE, FR, IT, ES, SE, NL, PL, and BE". */
const ON_DEMAND = new Set(["DE", "FR", "IT", "ES", "SE", "NL", "PL", "BE"]);

export const MARKETPLACES: readonly Marketplace[] = ROWS.map(
  ([id, region, countryCode, name, code, language, date, number, text, taxBps]) => {
    const currency = currencyOf(code);
    invariant(currency !== null, `${code} is a currency`);
    const [charset, contentType] = text;
    return {
      id,
      region,
      countryCode,
      name,
      currency,
      language,
      domain: `www.${name.toLowerCase()}`,
      style: { date, number },
      charset,
      contentType,
      taxBps,
      paysOnDemand: ON_DEMAND.has(countryCode),
    };
  },
);

/** By its id ("ATVPDKIKX0DER") or its country ("US"); null when the sandbox does not play it. */
export function marketplaceOf(idOrCountry: string): Marketplace | null {
  return (
    MARKETPLACES.find(({ id, countryCode }) => id === idOrCountry || countryCode === idOrCountry) ??
    null
  );
}

/** The marketplace of a store on record: always one of the table. */
export function knownMarketplace(id: string): Marketplace {
  const found = marketplaceOf(id);
  invariant(found !== null, `${id} is a marketplace of the sandbox`);
  return found;
}

export function marketplacesOf(region: Region): readonly Marketplace[] {
  return MARKETPLACES.filter((marketplace) => marketplace.region === region);
}
