// Whether the name of an account at the marketplace is the seller's legal name. Case, spaces, marks and the usual ways to
// write one legal form do not count; anything else is a difference that a person decides.

/** Ways to write one legal form, longest first; what a name ends with is compared by the form's sign. */
const LEGAL_FORMS: readonly (readonly [RegExp, string])[] = [
  [/(有限责任公司|有限責任公司|有限公司)$/, "#LTD"],
  [/(COMPANYLIMITED|COLIMITED|COMPANYLTD|COLTD)$/, "#COLTD"],
  [/(LIMITED|LTD)$/, "#LTD"],
  [/(INCORPORATED|INC)$/, "#INC"],
  [/(CORPORATION|CORP)$/, "#CORP"],
];

/** A name as it is compared: "Chongqing Example Co., Ltd." and "CHONGQING EXAMPLE COMPANY LIMITED" are one. */
export function comparedName(name: string): string {
  const plain = name
    .normalize("NFKC")
    .toUpperCase()
    .replace(/&/g, "AND")
    .replace(/[^\p{L}\p{N}]+/gu, "");
  const form = LEGAL_FORMS.find(([pattern]) => pattern.test(plain));
  return form === undefined ? plain : plain.replace(form[0], form[1]);
}

/** `unknown` when the marketplace tells no name. One of several names told is enough. */
export function checkName(
  legalName: string,
  told: readonly (string | null)[],
): "same" | "differs" | "unknown" {
  const names = told.filter((name) => name !== null && name.trim() !== "") as string[];
  if (names.length === 0) return "unknown";
  const compared = comparedName(legalName);
  return names.some((name) => comparedName(name) === compared) ? "same" : "differs";
}
