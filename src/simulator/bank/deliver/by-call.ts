// Messages as signed calls, one each: what a bank does that notifies its customers over HTTPS.

import { callBank } from "../../../bank/transport/bank-http.ts";
import { type Signer, signCall } from "../../../bank/transport/notice-signature.ts";
import type { SignatureSettings } from "../../../bank/transport/settings.ts";
import { Outage } from "../../../errors/outage.ts";
import type { Clock } from "../../../time/clock.ts";
import type { Delivery, DeliveryRoute } from "./delivery.ts";

export type CallRoute = DeliveryRoute & {
  /** Where the channel takes notices of this connection. */
  readonly url: string;
  readonly signature: Pick<
    SignatureSettings,
    "timestampHeader" | "keyIdHeader" | "signatureHeader" | "encoding"
  >;
  readonly keyId: string;
  readonly signer: Signer;
  /** The time that is signed. */
  readonly clock: Clock;
};

/** Any 2xx says that the channel has the notice; whatever else it says, the same bytes are sent again. */
export function byCall({ name, takes, url, signature, keyId, signer, clock }: CallRoute): Delivery {
  return {
    name,
    takes,
    put: async ({ text }) => {
      const body = Buffer.from(text, "utf8");
      const signed = signCall(signature, keyId, signer, body, clock.now());
      const headers = { ...signed, "content-type": "application/octet-stream" };
      const { status } = await callBank(url, body, headers);
      if (status >= 200 && status < 300) return;
      const message = `the channel answered a notice with ${status}`;
      throw new Outage("sandbox-bank", message, { retryable: true });
    },
  };
}
