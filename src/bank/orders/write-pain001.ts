// Writes pain.001.001.09, the customer credit transfer initiation, from orders that are on record: element order and
// lengths follow the ISO schema, and the same orders give the same bytes.

import { exponentOf } from "../../money/currency.ts";
import { formatMinor } from "../../money/money.ts";
import type { CivilDate, Instant } from "../../time/instant.ts";
import { isIban } from "../iso20022/write-camt.ts";
import type { OrderSettings } from "../transport/settings.ts";
import { part, writeXmlDocument, type XmlPart } from "../vendor/write-xml.ts";
import { type PaymentOrder, paperId } from "./payment-order.ts";

const NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09";
/** Decimals in which control sums are added up: no ISO 4217 currency has more than four. */
const SUM_DECIMALS = 4;

export type OrderMessage = {
  readonly messageId: string;
  readonly bytes: Uint8Array;
  /** Order → the PmtInf that it stands in. */
  readonly paymentInfoIds: ReadonlyMap<string, string>;
};

/** `today`: the earliest day on which a bank can still execute; an order for a day that is over is for today. */
export function writePain001(
  settings: OrderSettings,
  orders: readonly PaymentOrder[],
  at: { readonly now: Instant; readonly today: CivilDate },
): OrderMessage {
  const messageId = paperId("MSG", ...orders.map(({ orderId }) => orderId));
  const groups = groupsOf(messageId, orders, at.today);
  const header = part("GrpHdr", [
    part("MsgId", messageId),
    part("CreDtTm", at.now),
    part("NbOfTxs", String(orders.length)),
    part("CtrlSum", controlSum(orders)),
    part("InitgPty", [
      part("Nm", settings.initiatingParty),
      ...(settings.initiatingPartyId === null
        ? []
        : [part("Id", [part("OrgId", [part("Othr", [part("Id", settings.initiatingPartyId)])])])]),
    ]),
  ]);
  const initiation = part("CstmrCdtTrfInitn", [
    header,
    ...groups.map((group) => paymentPart(settings, group)),
  ]);
  const paymentInfoIds = new Map(
    groups.flatMap((group) =>
      group.orders.map(({ orderId }) => [orderId, group.paymentInfoId] as const),
    ),
  );
  const root = part("Document", [initiation], { xmlns: NAMESPACE });
  return { messageId, bytes: writeXmlDocument(root, "UTF-8"), paymentInfoIds };
}

type Group = {
  readonly paymentInfoId: string;
  readonly executeOn: CivilDate;
  readonly orders: readonly PaymentOrder[];
};

/** One PmtInf for each account, currency and day. */
function groupsOf(
  messageId: string,
  orders: readonly PaymentOrder[],
  today: CivilDate,
): readonly Group[] {
  const groups = new Map<string, PaymentOrder[]>();
  const dayOf = ({ executeOn }: PaymentOrder): CivilDate => (executeOn < today ? today : executeOn);
  for (const order of orders) {
    const key = `${order.debtorAccount}/${order.currency}/${dayOf(order)}`;
    groups.set(key, [...(groups.get(key) ?? []), order]);
  }
  return [...groups].map(([key, own]) => ({
    paymentInfoId: paperId("PMT", messageId, key),
    executeOn: dayOf(own[0]!),
    orders: own,
  }));
}

function paymentPart(
  settings: OrderSettings,
  { paymentInfoId, executeOn, orders }: Group,
): XmlPart {
  const { debtorAccount, currency } = orders[0]!;
  const debtor = settings.debtors.find(
    (one) => one.account === debtorAccount && one.currency === currency,
  );
  return part("PmtInf", [
    part("PmtInfId", paymentInfoId),
    part("PmtMtd", "TRF"),
    // Each is booked by itself, so that its entry on the account carries its own reference.
    part("BtchBookg", "false"),
    part("NbOfTxs", String(orders.length)),
    part("CtrlSum", controlSum(orders)),
    part("ReqdExctnDt", [part("Dt", executeOn)]),
    part("Dbtr", [
      part("Nm", debtor?.name ?? settings.initiatingParty),
      ...(debtor === undefined ? [] : [address(null, debtor.town, debtor.country)]),
    ]),
    part("DbtrAcct", [accountPart(debtorAccount), part("Ccy", currency)]),
    part("DbtrAgt", [
      part("FinInstnId", [
        debtor === undefined
          ? part("Othr", [part("Id", "NOTPROVIDED")])
          : part("BICFI", debtor.bankBic),
      ]),
    ]),
    part("ChrgBr", settings.chargeBearer),
    ...orders.map(transferPart),
  ]);
}

function transferPart(order: PaymentOrder): XmlPart {
  const { creditor, purpose, remittance } = order;
  return part("CdtTrfTxInf", [
    part("PmtId", [
      part("InstrId", order.endToEndId),
      part("EndToEndId", order.endToEndId),
      part("UETR", order.uetr),
    ]),
    part("Amt", [
      part("InstdAmt", formatMinor(order.amountMinor, order.currency), { Ccy: order.currency }),
    ]),
    part("CdtrAgt", [part("FinInstnId", [part("BICFI", creditor.bankBic)])]),
    part("Cdtr", [
      part("Nm", creditor.name),
      address(creditor.street, creditor.town, creditor.country),
    ]),
    part("CdtrAcct", [accountPart(creditor.account)]),
    ...(purpose === null ? [] : [part("Purp", [part("Cd", purpose)])]),
    ...(remittance === null ? [] : [part("RmtInf", [part("Ustrd", remittance)])]),
  ]);
}

function address(street: string | null, town: string, country: string): XmlPart {
  return part("PstlAdr", [part("StrtNm", street), part("TwnNm", town), part("Ctry", country)]);
}

/** An IBAN by its shape; a Chinese account number is digits only. */
function accountPart(number: string): XmlPart {
  return part("Id", [isIban(number) ? part("IBAN", number) : part("Othr", [part("Id", number)])]);
}

/** The sum of the numbers, whatever their currencies: what ISO 20022 means by CtrlSum. */
function controlSum(orders: readonly PaymentOrder[]): string {
  const sum = orders.reduce(
    (total, { amountMinor, currency }) =>
      total + amountMinor * 10n ** BigInt(SUM_DECIMALS - exponentOf(currency)),
    0n,
  );
  const digits = sum.toString().padStart(SUM_DECIMALS + 1, "0");
  const text = `${digits.slice(0, -SUM_DECIMALS)}.${digits.slice(-SUM_DECIMALS)}`;
  return text.replace(/\.?0+$/, "");
}
