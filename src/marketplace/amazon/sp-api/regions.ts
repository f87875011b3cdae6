// The regions of Amazon's Selling Partner API: hosts, and where a seller of a country consents. Sources: SP-API
// endpoints, marketplace ids and Seller Central addresses as Amazon's developer pages list them.

export const REGIONS = ["na", "eu", "fe"] as const;
export type Region = (typeof REGIONS)[number];

export function isRegion(text: string): text is Region {
  return (REGIONS as readonly string[]).includes(text);
}

export const API_HOSTS: Readonly<Record<Region, string>> = {
  na: "https://sellingpartnerapi-na.amazon.com",
  eu: "https://sellingpartnerapi-eu.amazon.com",
  fe: "https://sellingpartnerapi-fe.amazon.com",
};

/** Amazon's own sandbox: it answers with the fixed pairs of its models. */
export const SANDBOX_HOSTS: Readonly<Record<Region, string>> = {
  na: "https://sandbox.sellingpartnerapi-na.amazon.com",
  eu: "https://sandbox.sellingpartnerapi-eu.amazon.com",
  fe: "https://sandbox.sellingpartnerapi-fe.amazon.com",
};

type Country = { readonly region: Region; readonly consentHost: string };

const EUROPE = "https://sellercentral-europe.amazon.com";

/** One consent covers all country stores of its region; the country only says at which address it is given. */
export const COUNTRIES: Readonly<Record<string, Country>> = {
  US: { region: "na", consentHost: "https://sellercentral.amazon.com" },
  CA: { region: "na", consentHost: "https://sellercentral.amazon.ca" },
  MX: { region: "na", consentHost: "https://sellercentral.amazon.com.mx" },
  BR: { region: "na", consentHost: "https://sellercentral.amazon.com.br" },
  DE: { region: "eu", consentHost: EUROPE },
  ES: { region: "eu", consentHost: EUROPE },
  FR: { region: "eu", consentHost: EUROPE },
  GB: { region: "eu", consentHost: EUROPE },
  IT: { region: "eu", consentHost: EUROPE },
  IE: { region: "eu", consentHost: "https://sellercentral.amazon.ie" },
  NL: { region: "eu", consentHost: "https://sellercentral.amazon.nl" },
  SE: { region: "eu", consentHost: "https://sellercentral.amazon.se" },
  PL: { region: "eu", consentHost: "https://sellercentral.amazon.pl" },
  BE: { region: "eu", consentHost: "https://sellercentral.amazon.com.be" },
  TR: { region: "eu", consentHost: "https://sellercentral.amazon.com.tr" },
  AE: { region: "eu", consentHost: "https://sellercentral.amazon.ae" },
  SA: { region: "eu", consentHost: "https://sellercentral.amazon.sa" },
  EG: { region: "eu", consentHost: "https://sellercentral.amazon.eg" },
  ZA: { region: "eu", consentHost: "https://sellercentral.amazon.co.za" },
  IN: { region: "eu", consentHost: "https://sellercentral.amazon.in" },
  JP: { region: "fe", consentHost: "https://sellercentral.amazon.co.jp" },
  AU: { region: "fe", consentHost: "https://sellercentral.amazon.com.au" },
  SG: { region: "fe", consentHost: "https://sellercentral.amazon.sg" },
};

/** The country whose address is used where nobody named one. */
export const CONSENT_COUNTRY: Readonly<Record<Region, string>> = { na: "US", eu: "DE", fe: "JP" };
