// What the sandbox bank's two front-ends (前置机) have in common: one address that takes a document and gives one back.

import type { BankAccount, BankState, Booking } from "../state.ts";

/** Answers a POST; serve it on a loopback address of its own. */
export type FrontEnd = (request: Request) => Promise<Response>;

/** Every booking of the bank, in the order in which they were made. */
export function bookingsOf(
  state: BankState,
): readonly { readonly account: BankAccount; readonly booking: Booking }[] {
  return state.accounts
    .flatMap((account) => account.bookings.map((booking) => ({ account, booking })))
    .sort((one, other) => one.booking.number - other.booking.number);
}

export function xmlAnswer(charset: "GBK" | "GB2312", bytes: Uint8Array): Response {
  const headers = { "content-type": `text/xml; charset=${charset}` };
  return new Response(Buffer.from(bytes), { headers });
}

/** The answer to what is none of the interface's questions. */
export function noQuestion(): Response {
  return new Response("This is no question of this interface.\n", { status: 400 });
}
