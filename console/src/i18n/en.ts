// The English catalogue: one file for each area of the console. Its keys are the console's; the Chinese catalogue has the
// same (catalogues.test.ts).

import parts from "./en/parts.json";
import reports from "./en/reports.json";
import seller from "./en/seller.json";
import shell from "./en/shell.json";
import words from "./en/words.json";
import work from "./en/work.json";

const en = { parts, reports, seller, shell, words, work };
export default en;
