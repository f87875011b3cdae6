// Messages as files in a shared folder, here or at an SFTP server: what banks do at the end of a day.

import { createHash } from "node:crypto";
import type { BankFiles } from "../../../bank/transport/bank-files.ts";
import { inFolder } from "../../../bank/transport/open-folder.ts";
import type { Delivery, DeliveryRoute } from "./delivery.ts";

export type FolderRoute = DeliveryRoute & {
  /** Opens the folder that has `in/`; called once for each message. */
  readonly open: () => Promise<BankFiles>;
};

/** Written under another name and renamed; then the file beside it that says "whole", with its SHA-256. */
export function byFolder({ name, takes, open }: FolderRoute): Delivery {
  return {
    name,
    takes,
    put: (message) =>
      inFolder(open, async (files) => {
        const bytes = Buffer.from(message.text, "utf8");
        const sha256 = createHash("sha256").update(bytes).digest("hex");
        await files.makeFolder("in");
        await files.write(`in/${message.name}`, bytes);
        await files.write(`in/${message.name}.done`, Buffer.from(`${sha256}\n`));
      }),
  };
}
