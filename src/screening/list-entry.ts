// An entry of a sanctions list, whichever list it comes from.

export const LISTS = ["ofac-sdn", "un", "eu-fsf"] as const;
export type ListName = (typeof LISTS)[number];

export type ListEntry = {
  readonly list: ListName;
  /** The list's own number of it. */
  readonly entryId: string;
  readonly kind: "person" | "entity" | "vessel" | "aircraft";
  readonly program: string;
  /** The name and its aliases, in every script in which they are listed. */
  readonly names: readonly string[];
};

export type ListReading = {
  readonly list: ListName;
  /** As the file says; null where it does not. */
  readonly dated: string | null;
  readonly entries: readonly ListEntry[];
  /** Rows that could not be read, counted, the first of them shown. */
  readonly rejectedCount: number;
  readonly rejected: readonly { readonly line: number; readonly message: string }[];
};
