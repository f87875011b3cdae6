// Who is signed in and what they may do, asked for once before anything is drawn.

import { createContext, type ReactNode, useContext } from "react";
import type { Me, OutputOf } from "../api/operations.ts";

export type Permission = Me["scopes"][number];
export type Role = Me["role"];
export type SignInWays = OutputOf<"listSignInWays">;

type Session = { readonly me: Me; readonly ways: SignInWays };

const SessionContext = createContext<Session | null>(null);

export function SessionProvider({
  session,
  children,
}: {
  readonly session: Session;
  readonly children: ReactNode;
}) {
  return <SessionContext value={session}>{children}</SessionContext>;
}

function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error("there is no session here");
  return session;
}

export function useMe(): Me {
  return useSession().me;
}

/** True on a sandbox, where nothing is real. */
export function useIsSandbox(): boolean {
  return useSession().ways.lookAround.length > 0;
}

export function useMay(): (permission: Permission) => boolean {
  const { scopes } = useMe();
  return (permission) => scopes.includes(permission);
}

/** Acts for one seller and sees nothing else. */
export function isSellerRole(role: Role): boolean {
  return role.startsWith("seller-");
}
