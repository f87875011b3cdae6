// The Chinese catalogue, typed by the English one: what is missing here does not compile.

import type { Catalogue } from "./catalogue.ts";
import parts from "./zh/parts.json";
import reports from "./zh/reports.json";
import seller from "./zh/seller.json";
import shell from "./zh/shell.json";
import words from "./zh/words.json";
import work from "./zh/work.json";

const zh: Catalogue = { parts, reports, seller, shell, words, work };
export default zh;
