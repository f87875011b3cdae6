// Controls over consents: given without a page, withdrawn, ended before their year.

import type { Instant } from "../../../time/instant.ts";
import { giveConsent, issueCode, refreshTokenOf } from "../consents.ts";
import type { ConsentState } from "../state.ts";
import { sellerOf, type Upkeep } from "./upkeep.ts";

export function consentControls({ state, application, catchUp, changed }: Upkeep) {
  return {
    /** The seller consents without a page: the refresh token that the application would get. */
    consent(sellerId: string): { readonly consent: ConsentState; readonly refreshToken: string } {
      const now = catchUp();
      const consent = giveConsent(state, sellerOf(state, sellerId), application, now);
      changed();
      return { consent, refreshToken: refreshTokenOf(state, consent) };
    },

    /** The code with which a consent comes back to the application's address. */
    consentCode(sellerId: string, redirectUri: string): string {
      const now = catchUp();
      const consent = giveConsent(state, sellerOf(state, sellerId), application, now);
      const code = issueCode(state, consent, redirectUri, now);
      changed();
      return code;
    },

    /** The seller removes the application: all tokens of its consents are worth nothing. */
    revokeConsents(sellerId: string): number {
      const now = catchUp();
      const standing = state.consents.filter(
        (consent) => consent.sellerId === sellerId && consent.revokedAt === null,
      );
      for (const consent of standing) consent.revokedAt = now;
      changed();
      return standing.length;
    },

    /** Lets the seller's consents end at the instant instead of after a year. */
    endConsents(sellerId: string, at: Instant): void {
      catchUp();
      for (const consent of state.consents) {
        if (consent.sellerId === sellerId) consent.expiresAt = at;
      }
      changed();
    },
  };
}
