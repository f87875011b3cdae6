// The operations that only a person's browser calls, by their operationId: one's own account, sessions and second factors.
// The console takes their types from here; programs with a key have no use for them.

import {
  addMyPasskey,
  confirmMyTotp,
  endMySession,
  listMyPasskeys,
  listMySessions,
  offerMyPasskey,
  offerMyTotp,
  removeMyPasskey,
  removeMyTotp,
  renewMyRecoveryCodes,
  setMyPassword,
  stepUpOptions,
  stepUpPasskey,
  stepUpTotp,
} from "../contract/me.ts";
import { listSignInWays, signOutRoute } from "../contract/sign-in.ts";

export const BROWSER_OPERATIONS = {
  listSignInWays,
  signOut: signOutRoute,
  listMySessions,
  endMySession,
  setMyPassword,
  stepUpWithTotp: stepUpTotp,
  getStepUpOptions: stepUpOptions,
  stepUpWithPasskey: stepUpPasskey,
  offerTotp: offerMyTotp,
  confirmTotp: confirmMyTotp,
  removeTotp: removeMyTotp,
  listPasskeys: listMyPasskeys,
  getPasskeyOptions: offerMyPasskey,
  addPasskey: addMyPasskey,
  removePasskey: removeMyPasskey,
  renewRecoveryCodes: renewMyRecoveryCodes,
} as const;

export type BrowserOperationName = keyof typeof BROWSER_OPERATIONS;
