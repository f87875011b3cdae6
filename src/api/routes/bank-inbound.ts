// The door through which banks call: nobody is signed in here, the signature over time and bytes is what admits.

import { receiveNotice } from "../../bank/transport/receive-notice.ts";
import { takeBankNotice } from "../contract/bank-notices.ts";
import { problem } from "../problems.ts";
import type { RegisterRoutes } from "../register.ts";

export const bankInboundRoutes: RegisterRoutes = (app, deps) => {
  app.openapi(takeBankNotice, async (c) => {
    const connection = deps.bankNotices(c.req.valid("param").connection);
    if (connection === null) throw problem("not-found");
    const { store, tenantId, clock, intake } = deps;
    const answer = await receiveNotice(
      { database: store.database, tenantId, clock, accept: intake },
      connection,
      {
        headers: (name) => c.req.header(name) ?? null,
        body: new Uint8Array(await c.req.arrayBuffer()),
      },
    );
    if (!answer.ok) throw problem("signature-refused", { detail: answer.refusal.message });
    return c.json({ ...answer.value, reasons: [...answer.value.reasons] }, 200);
  });
};
