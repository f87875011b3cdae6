// Parties, agents and accounts of ISO 20022 in all versions: Dbtr/Nm up to 06, Dbtr/Pty/Nm or Dbtr/Agt from 07;
// BIC up to version 02, BICFI from 03; CmbndId, NmAndAdr and PrtryAcct of version 01.

import type { AccountReference, Party } from "../message.ts";
import type { XmlNode } from "./xml-node.ts";
import { at, child, textAt, textOf } from "./xml-node.ts";

/** IBAN, or other identification, spaces removed; null when the element names no account. */
export function accountNumberOf(account: XmlNode | null): string | null {
  const id = child(account, "Id");
  const text =
    textAt(id, "IBAN") ??
    textAt(id, "Othr", "Id") ??
    textAt(id, "BBAN") ??
    textAt(id, "PrtryAcct", "Id") ??
    textAt(id, "UPIC") ??
    textAt(account, "Prxy", "Id");
  return text === null ? null : text.replaceAll(" ", "");
}

/** The account that a message is about; its number is "" when none is named. */
export function accountReferenceOf(account: XmlNode | null): AccountReference {
  return {
    number: accountNumberOf(account) ?? "",
    currency: textAt(account, "Ccy"),
    servicerBic: agentBicOf(child(account, "Svcr")),
    ownerName: partyNameOf(child(account, "Ownr")) ?? textAt(account, "Nm"),
  };
}

/** BIC of an agent (`DbtrAgt`, `Svcr`, `Fr/FIId` …), upper case. */
export function agentBicOf(agent: XmlNode | null): string | null {
  const institution = child(agent, "FinInstnId");
  const bic =
    textAt(institution, "BICFI") ??
    textAt(institution, "BIC") ??
    textAt(institution, "CmbndId", "BIC");
  return bic === null ? null : bic.toUpperCase();
}

/** The name of a party, of the agent that stands in its place, or of version 01's name and address. */
export function partyNameOf(party: XmlNode | null): string | null {
  return (
    textAt(party, "Nm") ?? textAt(party, "Pty", "Nm") ?? institutionNameOf(child(party, "Agt"))
  );
}

function institutionNameOf(agent: XmlNode | null): string | null {
  const institution = child(agent, "FinInstnId");
  return (
    textAt(institution, "Nm") ??
    textAt(institution, "NmAndAdr", "Nm") ??
    textAt(institution, "CmbndId", "Nm")
  );
}

/** A party with its account and, when it names no BIC of its own, its bank's BIC; null when nothing is known. */
export function partyOf(
  party: XmlNode | null,
  account: XmlNode | null,
  agent: XmlNode | null,
): Party | null {
  const inner = child(party, "Pty") ?? party;
  const organisation = at(inner, "Id", "OrgId");
  const own =
    textAt(organisation, "AnyBIC") ??
    textAt(organisation, "BICOrBEI") ??
    textAt(organisation, "BIC") ??
    agentBicOf(child(party, "Agt"));
  return known({
    name: partyNameOf(party),
    account: accountNumberOf(account),
    bic: own?.toUpperCase() ?? agentBicOf(agent),
    country:
      textAt(inner, "PstlAdr", "Ctry") ??
      textAt(inner, "CtryOfRes") ??
      institutionCountryOf(child(party, "Agt")),
  });
}

/** A bank as a party; null when nothing is known of it. */
export function agentOf(agent: XmlNode | null, account: XmlNode | null): Party | null {
  return known({
    name: institutionNameOf(agent),
    account: accountNumberOf(account),
    bic: agentBicOf(agent),
    country: institutionCountryOf(agent),
  });
}

function institutionCountryOf(agent: XmlNode | null): string | null {
  const institution = child(agent, "FinInstnId");
  return (
    textOf(at(institution, "PstlAdr", "Ctry")) ?? textAt(institution, "NmAndAdr", "PstlAdr", "Ctry")
  );
}

function known(party: Party): Party | null {
  const isKnown = party.name ?? party.account ?? party.bic ?? party.country;
  return isKnown === null ? null : party;
}
