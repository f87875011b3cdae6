// Sellers API v1: where the seller sells, and who the seller is.

import type { Answer, Reply } from "../answers.ts";
import { ok } from "../answers.ts";
import type { Call, Operation } from "../calls.ts";
import { knownMarketplace } from "../marketplaces.ts";

export const SELLER_OPERATIONS: readonly Operation[] = [
  {
    name: "getMarketplaceParticipations",
    method: "GET",
    path: "/sellers/v1/marketplaceParticipations",
    rate: 0.016,
    burst: 15,
    answer: (call) => ok({ payload: participationsOf(call, true) }),
  },
  {
    name: "getAccount",
    method: "GET",
    path: "/sellers/v1/account",
    rate: 0.016,
    burst: 15,
    answer: getAccount,
  },
];

/** One for each marketplace, however many accounts the store has there. */
function participationsOf({ stores }: Call, withDefaults: boolean): readonly Answer[] {
  const seen = new Set<string>();
  return stores.flatMap(({ marketplaceId, storeName }) => {
    if (seen.has(marketplaceId)) return [];
    seen.add(marketplaceId);
    const { id, countryCode, name, currency, language, domain } = knownMarketplace(marketplaceId);
    const defaults = withDefaults
      ? { defaultCurrencyCode: currency, defaultLanguageCode: language }
      : {};
    return [
      {
        marketplace: { id, countryCode, name, ...defaults, domainName: domain },
        storeName,
        participation: { isParticipating: true, hasSuspendedListings: false },
      },
    ];
  });
}

function getAccount(call: Call): Reply {
  const { seller } = call;
  const address = {
    addressLine1: "1 Sandbox Road",
    city: "Chongqing",
    postalCode: "400010",
    countryCode: seller.countryCode,
  };
  return ok({
    payload: {
      businessType: "PRIVATE_LIMITED",
      marketplaceParticipationList: participationsOf(call, false),
      sellingPlan: "PROFESSIONAL",
      business: {
        name: seller.legalName,
        nonLatinName: seller.nonLatinName ?? undefined,
        registeredBusinessAddress: address,
        companyRegistrationNumber: seller.registrationNumber,
      },
      primaryContact: { name: "Sandbox Contact", address },
    },
  });
}
