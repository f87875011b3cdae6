// Reference rates on record: mids and conversion rates by day and source, from files that somebody drops or a feed. They
// measure (US dollar equivalents, spreads); nobody deals at them. Append-only: a corrected rate is a later row.

import type { Currency } from "../money/currency.ts";
import type { Tx } from "../storage/database.ts";
import { addDays, type CivilDate } from "../time/instant.ts";
import {
  convertBack,
  convertMinor,
  parseDecimal,
  type RateUnit,
  type ReferenceRate,
} from "./rate.ts";

/**
 * How old a reference rate may be on the day it is used for. SAFE's conversion rates to the US dollar (各种货币对美元折算率)
 * are of a month; with a few days until the next is out.
 */
export const RATE_AGE_DAYS_MAX = 45;

export const USD = "USD" as Currency;
const CNY = "CNY" as Currency;

type RateRow = {
  base: Currency;
  quote: Currency;
  unit: RateUnit;
  rate: string;
  on_day: CivilDate;
  source: string;
};

/** A table of rates, by which amounts of any day are converted without asking again. */
export type RateTable = {
  /** The youngest rate of the pair on the day or before it, as it is quoted; null where none is young enough. */
  readonly rate: (base: Currency, quote: Currency, on: CivilDate) => ReferenceRate | null;
  /** US dollar cents: directly, by the inverse, or over the renminbi; half-even, once. Null where no way is known. */
  readonly usdMinor: (minor: bigint, currency: Currency, on: CivilDate) => bigint | null;
};

/** All rates that any day between the two may need. */
export async function loadRates(
  tx: Tx,
  tenantId: string,
  from: CivilDate,
  to: CivilDate,
): Promise<RateTable> {
  const first = from <= "0002-01-01" ? from : addDays(from, -RATE_AGE_DAYS_MAX);
  const rows = await tx.query<RateRow>(
    `SELECT base, quote, unit, rate, on_day, source FROM reference_rate
      WHERE tenant_id = $1 AND on_day BETWEEN $2 AND $3
      ORDER BY base, quote, on_day, recorded_at, source`,
    [tenantId, first, to],
  );
  return rateTable(rows.flatMap(rateOf));
}

function rateOf(row: RateRow): readonly ReferenceRate[] {
  const value = parseDecimal(row.rate);
  const { base, quote, unit, source } = row;
  return value === null ? [] : [{ base, quote, unit, value, on: row.on_day, source }];
}

/** Rates in the order of their days; of one day the last stands. */
export function rateTable(rates: readonly ReferenceRate[]): RateTable {
  const byPair = new Map<string, ReferenceRate[]>();
  for (const rate of rates) {
    const key = `${rate.base}/${rate.quote}`;
    byPair.set(key, [...(byPair.get(key) ?? []), rate]);
  }
  const rateOn = (base: Currency, quote: Currency, on: CivilDate): ReferenceRate | null => {
    const young = addDays(on, -RATE_AGE_DAYS_MAX);
    const own = byPair.get(`${base}/${quote}`)?.findLast((rate) => rate.on <= on);
    return own !== undefined && own.on >= young ? own : null;
  };
  const convert = (minor: bigint, from: Currency, to: Currency, on: CivilDate): bigint | null => {
    const direct = rateOn(from, to, on);
    if (direct !== null) return convertMinor(direct, minor, "half-even");
    const inverse = rateOn(to, from, on);
    return inverse === null ? null : convertBack(inverse, minor, "half-even");
  };
  return {
    rate: rateOn,
    usdMinor: (minor, currency, on) => {
      if (currency === USD) return minor;
      const direct = convert(minor, currency, USD, on);
      if (direct !== null) return direct;
      const renminbi = convert(minor, currency, CNY, on);
      return renminbi === null ? null : convert(renminbi, CNY, USD, on);
    },
  };
}

/** Adds rates that are not on record yet; the same again changes nothing. Returns how many were new. */
export async function recordRates(
  tx: Tx,
  tenantId: string,
  rates: readonly (Omit<ReferenceRate, "value"> & {
    /** Exact decimal text, as the source gives it. */
    readonly rate: string;
    readonly sourceSha256: string | null;
    readonly line: number | null;
  })[],
  now: string,
): Promise<number> {
  const rows = await tx.query<{ base: string }>(
    `INSERT INTO reference_rate (tenant_id, base, quote, on_day, source, unit, rate, source_sha256, source_line, recorded_at)
     SELECT $1, r.base, r.quote, r.on_day::date, r.source, r.unit, r.rate, r.sha256, r.line, $10::timestamptz
       FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::text[], $8::text[], $9::integer[])
         AS r(base, quote, on_day, source, unit, rate, sha256, line)
     ON CONFLICT DO NOTHING RETURNING base`,
    [
      tenantId,
      rates.map((rate) => rate.base),
      rates.map((rate) => rate.quote),
      rates.map((rate) => rate.on),
      rates.map((rate) => rate.source),
      rates.map((rate) => rate.unit),
      rates.map((rate) => rate.rate),
      rates.map((rate) => rate.sourceSha256),
      rates.map((rate) => rate.line),
      now,
    ],
  );
  return rows.length;
}
