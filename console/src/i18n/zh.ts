// The Chinese catalogue, typed by the English one: what is missing here does not compile.

import type { Catalogue } from "./catalogue.ts";
import parts from "./zh/parts.json";
import seller from "./zh/seller.json";
import shell from "./zh/shell.json";
import words from "./zh/words.json";

const zh: Catalogue = { parts, seller, shell, words };
export default zh;
