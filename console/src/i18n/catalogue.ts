// The shape of a catalogue: the English one's keys, with texts in any language.

import type en from "./en.ts";

type Texts<Node> = {
  readonly [Key in keyof Node]: Node[Key] extends string ? string : Texts<Node[Key]>;
};

export type Catalogue = Texts<typeof en>;
