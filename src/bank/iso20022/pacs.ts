// pacs.008 (customer credit transfer) and pacs.004 (payment return): what a deployment inside the bank sees
// before the account is credited. A pacs message pays many accounts, so its payments are grouped into one
// message per account, in order of first appearance, once its group totals are known to hold.

import { exponentOf } from "../../money/currency.ts";
import { displayMoney, money } from "../../money/money.ts";
import type { BankEntry, BankSink } from "../message.ts";
import type { Faults } from "./faults.ts";
import { createFaults } from "./faults.ts";
import { amountOf, countOf } from "./fields.ts";
import type { DocumentContext } from "./message-header.ts";
import { checkApplicationHeader, pacsHeader } from "./message-header.ts";
import { returnOfPayment } from "./pacs-return.ts";
import type { PacsPayment } from "./pacs-transfer.ts";
import { creditTransfer } from "./pacs-transfer.ts";
import type { XmlNode } from "./xml-node.ts";
import { child, textOf } from "./xml-node.ts";

export type PacsMessage = {
  readonly payment: (node: XmlNode, groupReturn: XmlNode | null) => void;
  readonly end: () => void;
};

export function createPacsMessage(context: DocumentContext, sink: BankSink): PacsMessage {
  const faults = createFaults();
  const payments: PacsPayment[] = [];
  let paymentCount = 0;
  return {
    payment: (node, groupReturn) => {
      paymentCount += 1;
      const payment =
        context.family === "pacs.008"
          ? creditTransfer(node, context.groupHeader, faults)
          : returnOfPayment(node, context.groupHeader, groupReturn, faults);
      if (payment !== null) payments.push(payment);
    },
    end: () => {
      checkApplicationHeader(context, faults);
      checkGroup(context, payments, paymentCount, faults);
      const reasons = faults.list();
      const verdict = faults.isEmpty() ? "read" : "quarantined";
      for (const group of byAccount(payments)) {
        const [first] = group as [PacsPayment];
        sink.message(pacsHeader(context, first.account, first.entry.line));
        for (const [index, { entry }] of group.entries()) sink.entry({ ...entry, index });
        sink.messageEnd({ balances: [], verdict, reasons });
      }
      // Payments of which none could be read still leave their reasons.
      if (payments.length > 0) return;
      const nobody = { number: "", currency: null, servicerBic: null, ownerName: null };
      sink.message(pacsHeader(context, nobody, context.groupHeader?.line ?? 1));
      sink.messageEnd({ balances: [], verdict, reasons });
    },
  };
}

function byAccount(payments: readonly PacsPayment[]): Iterable<readonly PacsPayment[]> {
  const groups = new Map<string, PacsPayment[]>();
  for (const payment of payments) {
    const { number, servicerBic } = payment.account;
    const key = `${servicerBic ?? ""} ${number}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [payment]);
    else group.push(payment);
  }
  return groups.values();
}

/** NbOfTxs, TtlIntrBkSttlmAmt (or its return form) and CtrlSum of the group header against the payments. */
function checkGroup(
  context: DocumentContext,
  payments: readonly PacsPayment[],
  paymentCount: number,
  faults: Faults,
): void {
  const header = context.groupHeader;
  const countNode = child(header, "NbOfTxs");
  const count = countOf(countNode, faults);
  if (count !== null && count !== paymentCount) {
    const message = `The group header says ${count} payments, there are ${paymentCount}.`;
    faults.add("group-count-wrong", countNode?.line ?? null, message);
  }
  if (payments.length !== paymentCount) return;
  const totalNode = child(header, "TtlIntrBkSttlmAmt") ?? child(header, "TtlRtrdIntrBkSttlmAmt");
  const total = amountOf(totalNode, faults);
  if (total !== null) {
    const paid = payments
      .filter(({ entry }) => entry.amount.currency === total.currency)
      .reduce((sum, { entry }) => sum + entry.amount.minor, 0n);
    if (paid !== total.minor) {
      const message = `The group header says ${displayMoney(total)}, the payments are ${displayMoney(money(total.currency, paid))}.`;
      faults.add("group-total-wrong", totalNode?.line ?? null, message);
    }
  }
  checkControlSum(child(header, "CtrlSum"), payments, faults);
}

/** Decimals that CtrlSum may have: xs:decimal with 17 fraction digits (DecimalNumber of the schemas). */
const CONTROL_SUM_DECIMALS = 17;

/** CtrlSum adds the bare numbers, whatever their currency. */
function checkControlSum(
  node: XmlNode | null,
  payments: readonly PacsPayment[],
  faults: Faults,
): void {
  const text = textOf(node);
  if (node === null || text === null) return;
  const said = scaled(text);
  if (said === null) {
    faults.add("number-unreadable", node.line, "CtrlSum is not a plain decimal.");
    return;
  }
  const paid = payments.reduce((sum, { entry }) => sum + scaledMoney(entry), 0n);
  if (paid === said) return;
  faults.add("group-total-wrong", node.line, "CtrlSum is not the sum of the payments.");
}

function scaledMoney({ amount }: BankEntry): bigint {
  return amount.minor * 10n ** BigInt(CONTROL_SUM_DECIMALS - exponentOf(amount.currency));
}

function scaled(text: string): bigint | null {
  const parts = /^\+?(\d{1,18})(?:\.(\d{0,17}))?$/.exec(text);
  if (parts === null) return null;
  return BigInt(`${parts[1]}${(parts[2] ?? "").padEnd(CONTROL_SUM_DECIMALS, "0")}`);
}
